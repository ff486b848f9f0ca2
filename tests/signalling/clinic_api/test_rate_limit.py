"""How often somebody may ask."""

from hypothesis import given
from hypothesis import strategies as st

from signalling.clinic_api.rate_limit import TokenBucket


def test_a_burst_is_let_through_and_then_one_at_a_time() -> None:
    bucket = TokenBucket(burst=3, per_second=2)
    assert [bucket.take(10.0) for _ in range(4)] == [None, None, None, 0.5]
    assert bucket.take(10.25) == 0.25
    assert bucket.take(10.5) is None
    assert bucket.take(10.5) == 0.5


def test_a_long_silence_earns_no_more_than_one_burst() -> None:
    bucket = TokenBucket(burst=2, per_second=1)
    bucket.take(0.0)
    assert [bucket.take(1e6) is None for _ in range(3)] == [True, True, False]


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_rhythm_of_asking_gets_more_than_the_bound(waits: list[float]) -> None:
    bucket = TokenBucket(burst=4, per_second=1.5)
    now, let_through = 0.0, 0
    for wait in waits:
        now += wait
        let_through += bucket.take(now) is None
    assert let_through <= 4 + 1.5 * now + 1e-6


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_whoever_waits_as_told_is_let_through(waits: list[float]) -> None:
    bucket = TokenBucket(burst=2, per_second=1)
    now = 0.0
    for wait in waits:
        now += wait
        if (told := bucket.take(now)) is not None:
            now += told + 1e-9
            assert bucket.take(now) is None
