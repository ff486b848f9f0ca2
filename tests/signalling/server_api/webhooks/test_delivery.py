"""Webhooks in virtual time: what is posted when, and what is given up."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.server_api.webhooks.delivery import (
    FIRST_RETRY_SECONDS,
    MAX_AGE_SECONDS,
    MAX_QUEUED_PER_ROOM,
    STOP_SECONDS,
    Answered,
    Delivery,
    Effect,
    Event,
    Finished,
    GaveUp,
    Happened,
    Post,
    Stop,
    Timeout,
    Unreachable,
)


def posts(effects: list[Effect[str]]) -> list[str]:
    return [effect.payload for effect in effects if isinstance(effect, Post)]


def test_the_events_of_one_room_wait_for_each_other_those_of_two_do_not() -> None:
    delivery: Delivery[str] = Delivery()
    assert posts(delivery.handle(0.0, Happened("a", "joined"))) == ["joined"]
    assert posts(delivery.handle(0.0, Happened("a", "left"))) == []
    assert posts(delivery.handle(0.0, Happened("b", "started"))) == ["started"]
    assert posts(delivery.handle(0.1, Answered("a", 200))) == ["left"]
    assert posts(delivery.handle(0.2, Answered("a", 204))) == []
    assert delivery.deadline() is None


@pytest.mark.parametrize("failure", [Unreachable("a"), Answered("a", 503), Answered("a", 429), Answered("a", 408)])
def test_what_may_go_better_later_is_tried_again_ever_more_slowly(failure: Event[str]) -> None:
    delivery: Delivery[str] = Delivery()
    delivery.handle(0.0, Happened("a", "joined"))
    delivery.handle(0.0, Happened("a", "left"))
    now = 0.0
    for attempt in range(4):
        assert delivery.handle(now, failure) == []
        due = now + FIRST_RETRY_SECONDS * 2**attempt
        assert delivery.deadline() == due
        assert delivery.handle(due - 0.01, Timeout()) == []
        now = due
        assert posts(delivery.handle(now, Timeout())) == ["joined"]
    assert posts(delivery.handle(now, Answered("a", 200))) == ["left"]
    delivery.handle(now, failure)
    assert delivery.deadline() == now + FIRST_RETRY_SECONDS


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_what_the_receiver_refuses_is_not_repeated(status: int) -> None:
    delivery: Delivery[str] = Delivery()
    delivery.handle(0.0, Happened("a", "joined"))
    delivery.handle(0.0, Happened("a", "left"))
    refused = delivery.handle(0.1, Answered("a", status))
    assert refused == [GaveUp("joined", f"the receiver answered {status}"), Post("a", "left", dropped=1)]


def test_old_news_is_no_news_and_the_receiver_learns_how_much_it_missed() -> None:
    delivery: Delivery[str] = Delivery()
    delivery.handle(0.0, Happened("a", "first"))
    delivery.handle(5.0, Happened("a", "second"))
    delivery.handle(MAX_AGE_SECONDS, Happened("a", "third"))
    delivery.handle(MAX_AGE_SECONDS + 5.0, Unreachable("a"))
    due = delivery.deadline()
    assert due is not None
    effects = delivery.handle(due, Timeout())
    assert [effect.payload for effect in effects if isinstance(effect, GaveUp)] == ["first", "second"]
    assert effects[-1] == Post("a", "third", dropped=2)
    delivery.handle(due, Unreachable("a"))
    again = delivery.handle(due + FIRST_RETRY_SECONDS, Timeout())
    assert again == [Post("a", "third", dropped=2)]
    delivery.handle(due + 1.0, Answered("a", 200))
    assert delivery.handle(due + 2.0, Happened("a", "fourth")) == [Post("a", "fourth", dropped=0)]


def test_a_receiver_that_never_answers_fills_one_rooms_queue_and_no_other() -> None:
    delivery: Delivery[str] = Delivery()
    for number in range(MAX_QUEUED_PER_ROOM):
        delivery.handle(0.0, Happened("a", str(number)))
    assert delivery.handle(0.0, Happened("a", "more")) == [GaveUp("more", "too many wait before it")]
    assert posts(delivery.handle(0.0, Happened("b", "started"))) == ["started"]


def test_the_server_stops_once_everything_is_told() -> None:
    delivery: Delivery[str] = Delivery()
    delivery.handle(0.0, Happened("a", "finished"))
    assert delivery.handle(0.0, Stop()) == []
    assert delivery.handle(0.1, Answered("a", 200)) == [Finished()]
    assert Delivery[str]().handle(0.0, Stop()) == [Finished()]


def test_a_receiver_that_is_down_does_not_keep_the_server_from_stopping() -> None:
    delivery: Delivery[str] = Delivery()
    delivery.handle(0.0, Happened("a", "in flight"))
    delivery.handle(0.0, Happened("b", "resting"))
    delivery.handle(STOP_SECONDS - 1.0, Unreachable("b"))
    delivery.handle(1.0, Stop())
    due = delivery.deadline()
    while due is not None and due < 1.0 + STOP_SECONDS:
        delivery.handle(due, Timeout())
        delivery.handle(due, Unreachable("b"))
        due = delivery.deadline()
    assert due == 1.0 + STOP_SECONDS
    assert delivery.handle(due, Timeout()) == [
        GaveUp("in flight", "the server stops"),
        GaveUp("resting", "the server stops"),
        Finished(),
    ]


class Receiver:
    """Answers every post at once, with one of `outcomes` in turn (None: not at all), and remembers what it was told."""

    def __init__(self, outcomes: list[int | None]) -> None:
        self.delivery: Delivery[tuple[str, int]] = Delivery()
        self.told: list[tuple[str, int]] = []
        self.given_up: list[tuple[str, int]] = []
        self._outcomes = itertools.cycle(outcomes)

    def happen(self, now: float, event: Event[tuple[str, int]]) -> None:
        for effect in self.delivery.handle(now, event):
            match effect:
                case Post(room, payload):
                    self._answer(now, room, payload)
                case GaveUp(payload):
                    self.given_up.append(payload)
                case Finished():
                    raise AssertionError("nobody asked to stop")

    def run_until(self, now: float) -> None:
        while (due := self.delivery.deadline()) is not None and due <= now:
            self.happen(due, Timeout())

    def _answer(self, now: float, room: str, payload: tuple[str, int]) -> None:
        status = next(self._outcomes)
        if status == 200:
            self.told.append(payload)
        self.happen(now, Unreachable(room) if status is None else Answered(room, status))


OUTCOMES = st.sampled_from([200, 200, 200, 404, 500, None])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 5.0)), max_size=60), st.lists(OUTCOMES, min_size=1))
def test_every_event_is_told_once_or_given_up_once_in_order(
    happenings: list[tuple[str, float]], outcomes: list[int | None]
) -> None:
    receiver = Receiver(outcomes)
    now = 0.0
    for number, (room, pause) in enumerate(happenings):
        now += pause
        receiver.run_until(now)
        receiver.happen(now, Happened(room, (room, number)))
    receiver.run_until(now + 1_000.0)
    assert receiver.delivery.deadline() is None
    happened = [(room, number) for number, (room, _) in enumerate(happenings)]
    assert sorted(receiver.told + receiver.given_up) == sorted(happened)
    for name in "abc":
        assert [event for event in receiver.told if event[0] == name] == [
            event for event in happened if event[0] == name and event in receiver.told
        ]
