"""What surrounds our rooms in these tests: a clock that is told the time, a core that takes notes, a client's wire."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from livekit.protocol import rtc

from media import commands as cmd
from media.parameters import ConsumerId, ProducerId
from signalling.client.message import Message
from signalling.client.validator import Validator

Mode = Literal["dual", "single"]


@dataclass
class Timer:
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class VirtualClock:
    def __init__(self) -> None:
        self.now = 100.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None], /) -> Timer:
        timer = Timer(callback)
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def run_until(self, until: float) -> None:
        while self._timers and self._timers[0][0] <= until:
            when, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            if not timer.cancelled:
                timer.callback()
        self.now = until


@dataclass
class RecordingCore:
    """What the core was asked for, in order; and what it would say, until somebody listens."""

    asked: list[cmd.Command] = field(default_factory=list)

    def submit(self, *commands: cmd.Command) -> None:
        self.asked += commands

    def place(self, room: str) -> int:
        """There is one worker."""
        del room
        return 0

    def leave(self, room: str, worker: int) -> None:
        del room, worker

    def vacate(self, room: str) -> None:
        del room

    def all(self, kind: type[Any]) -> list[Any]:
        return [command for command in self.asked if isinstance(command, kind)]

    @property
    def consumers(self) -> dict[ConsumerId, cmd.AddConsumer]:
        """Those that are there now, by the commands so far."""
        there: dict[ConsumerId, cmd.AddConsumer] = {}
        for command in self.asked:
            match command:
                case cmd.AddConsumer():
                    there[command.consumer] = command
                case cmd.RemoveConsumer(consumer=consumer):
                    del there[consumer]
                case cmd.CloseTransport(transport=transport):
                    there = {key: added for key, added in there.items() if added.transport != transport}
                case _:
                    pass
        return there

    @property
    def producers(self) -> dict[ProducerId, cmd.AddProducer]:
        there: dict[ProducerId, cmd.AddProducer] = {}
        for command in self.asked:
            match command:
                case cmd.AddProducer():
                    there[command.producer] = command
                case cmd.RemoveProducer(producer=producer):
                    del there[producer]
                case _:
                    pass
        return there


class Wire:
    """A client's end of one connection: what came in, checked as the shell checks it."""

    def __init__(self, mode: Mode) -> None:
        self._validator = Validator(single=mode == "single")
        self.received: list[rtc.SignalResponse] = []
        self.messages: list[Message] = []
        self.hung_up: Literal["no", "politely", "abruptly"] = "no"

    def send(self, message: Message) -> None:
        assert self.hung_up == "no", "sent after hanging up"
        self.messages.append(self._validator.check(message))
        self.received.append(rtc.SignalResponse.FromString(message.encoded))

    def hang_up(self, *, abruptly: bool) -> None:
        self.hung_up = "abruptly" if abruptly else "politely"
