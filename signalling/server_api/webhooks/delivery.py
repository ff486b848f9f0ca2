"""The events on their way to one URL: order, retries, and what is given up.

Events of one room go one after the other, so that nobody leaves before they joined; rooms do not wait for each other.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Generic, TypeVar

from rooms.live.ids import Seconds

MAX_AGE_SECONDS = 30.0
"""An event is not posted any more after this: who acts on it would act on the past."""

MAX_QUEUED_PER_ROOM = 200
STOP_SECONDS = 5.0
"""How long a server that stops waits for what it has to tell."""

FIRST_RETRY_SECONDS = 0.5
"""Doubled with every failure of the same event."""

_Payload = TypeVar("_Payload")


@dataclass(frozen=True, slots=True)
class Happened(Generic[_Payload]):
    """Something is to be told. `payload` is opaque here."""

    room: str
    payload: _Payload


@dataclass(frozen=True, slots=True)
class Answered:
    """The receiver answered the post for `room` with this HTTP status."""

    room: str
    status: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The post for `room` got no answer."""

    room: str


@dataclass(frozen=True, slots=True)
class Timeout:
    """The deadline has passed."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more will happen; `Finished` follows once everything is posted, or after `STOP_SECONDS`."""


Event = Happened[_Payload] | Answered | Unreachable | Timeout | Stop


@dataclass(frozen=True, slots=True)
class Post(Generic[_Payload]):
    """Post `payload` and report the outcome under `room`. `dropped` counts those given up since the last success."""

    room: str
    payload: _Payload
    dropped: int


@dataclass(frozen=True, slots=True)
class GaveUp(Generic[_Payload]):
    payload: _Payload
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """All is done after `Stop`."""


Effect = Post[_Payload] | GaveUp[_Payload] | Finished


@dataclass(frozen=True, slots=True)
class _Entry(Generic[_Payload]):
    payload: _Payload
    since: Seconds


@dataclass(slots=True)
class _InFlight:
    dropped: int


@dataclass(slots=True)
class _Resting:
    until: Seconds


@dataclass(slots=True)
class _Line(Generic[_Payload]):
    """The events of one room; the first is in flight, or rests until it is tried again. Never empty."""

    state: _InFlight | _Resting
    entries: deque[_Entry[_Payload]] = field(default_factory=deque)
    failures: int = 0


class Delivery(Generic[_Payload]):
    """The events on their way to one URL."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line[_Payload]] = {}
        self._dropped = 0
        self._stop_at: Seconds | None = None

    def deadline(self) -> Seconds | None:
        """When a resting event is to be tried again, or the last is given up."""
        times = [line.state.until for line in self._lines.values() if isinstance(line.state, _Resting)]
        if self._stop_at is not None:
            times.append(self._stop_at)
        return min(times, default=None)

    def handle(self, now: Seconds, event: Event[_Payload]) -> list[Effect[_Payload]]:
        """Apply one event at `now`."""
        if self._stop_at is not None and now >= self._stop_at:
            left = [entry.payload for line in self._lines.values() for entry in line.entries]
            return [*(self._give_up(payload, "the server stops") for payload in left), Finished()]
        effects = self._apply(now, event)
        if self._stop_at is not None and not self._lines:
            effects.append(Finished())
        return effects

    def _apply(self, now: Seconds, event: Event[_Payload]) -> list[Effect[_Payload]]:
        match event:
            case Happened(room, payload):
                return self._happened(now, room, payload)
            case Answered(room, status):
                return self._answered(now, room, status)
            case Unreachable(room):
                return self._failed(now, room)
            case Timeout():
                return self._retry(now)
            case Stop():
                self._stop_at = now + STOP_SECONDS
                return []

    def _happened(self, now: Seconds, room: str, payload: _Payload) -> list[Effect[_Payload]]:
        line = self._lines.get(room)
        if line is None:
            line = self._lines[room] = _Line(_Resting(now))
            line.entries.append(_Entry(payload, now))
            return self._try(now, room, line)
        if len(line.entries) >= MAX_QUEUED_PER_ROOM:
            return [self._give_up(payload, "too many wait before it")]
        line.entries.append(_Entry(payload, now))
        return []

    def _answered(self, now: Seconds, room: str, status: int) -> list[Effect[_Payload]]:
        if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
            return self._failed(now, room)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._failed(now, room)
        line = self._lines[room]
        effects: list[Effect[_Payload]] = []
        entry = line.entries.popleft()
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            self._take_back_dropped(line)
            effects.append(self._give_up(entry.payload, f"the receiver answered {status}"))
        line.failures = 0
        return effects + self._try(now, room, line)

    def _failed(self, now: Seconds, room: str) -> list[Effect[_Payload]]:
        line = self._lines[room]
        self._take_back_dropped(line)
        line.state = _Resting(now + FIRST_RETRY_SECONDS * 2**line.failures)
        line.failures += 1
        return []

    def _retry(self, now: Seconds) -> list[Effect[_Payload]]:
        due = [
            (room, line)
            for room, line in self._lines.items()
            if isinstance(line.state, _Resting) and line.state.until <= now
        ]
        return [effect for room, line in due for effect in self._try(now, room, line)]

    def _try(self, now: Seconds, room: str, line: _Line[_Payload]) -> list[Effect[_Payload]]:
        """Post the first event that is not too old; without any, the line ends."""
        effects: list[Effect[_Payload]] = []
        while line.entries and now - line.entries[0].since > MAX_AGE_SECONDS:
            line.failures = 0
            effects.append(self._give_up(line.entries.popleft().payload, f"older than {MAX_AGE_SECONDS:g} s"))
        if line.entries:
            line.state = _InFlight(self._dropped)
            effects.append(Post(room, line.entries[0].payload, self._dropped))
            self._dropped = 0
        else:
            del self._lines[room]
        return effects

    def _take_back_dropped(self, line: _Line[_Payload]) -> None:
        """The receiver did not learn how many were dropped: it goes with the next post."""
        assert isinstance(line.state, _InFlight), "the outcome of a post that nobody made"
        self._dropped += line.state.dropped

    def _give_up(self, payload: _Payload, reason: str) -> GaveUp[_Payload]:
        self._dropped += 1
        return GaveUp(payload, reason)
