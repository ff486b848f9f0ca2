"""Alarms wake whom they should, when they should, however often they were set."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.live.ids import ParticipantSid
from signalling.hosting.alarms import Alarms

PEOPLE = st.sampled_from([ParticipantSid(f"PA_{letter}") for letter in "abc"])
TIMES = st.none() | st.integers(0, 20).map(float)


@given(
    st.lists(st.tuples(PEOPLE, TIMES), max_size=300), st.lists(st.integers(0, 20).map(float), max_size=3).map(sorted)
)
def test_the_last_word_counts(settings: list[tuple[ParticipantSid, float | None]], looks: list[float]) -> None:
    alarms, expected = Alarms(), dict[ParticipantSid, float]()
    for participant, at in settings:
        alarms.set(participant, at)
        if at is None:
            expected.pop(participant, None)
        else:
            expected[participant] = at
    for now in looks:
        assert alarms.earliest() == min(expected.values(), default=None)
        due = {who: at for who, at in expected.items() if at <= now}
        taken = alarms.take(now)
        assert sorted(taken) == sorted(due)
        assert [due[who] for who in taken] == sorted(due.values())
        expected = {who: at for who, at in expected.items() if who not in due}
