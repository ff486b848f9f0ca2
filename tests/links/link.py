"""One direction of a network path as a value: rate, buffer, delay, jitter, loss and black-outs, from a seed.

Time is given to it, so a test can live an hour in a moment; `emulator` gives it the real one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Loss in bursts (Gilbert-Elliott): of mean length `packets`, hitting `share` of all packets, 0 to 1."""

    share: float
    packets: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """Every `period` seconds, for `length` seconds, packets get lost (`loss`: how likely) or `delay` seconds late."""

    period: float
    length: float
    loss: float = 1.0
    delay: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """`rate` in bit/s (None: unlimited), `buffer` in seconds at that rate (tail drop), `delay` one way, in seconds.

    `jitter` is the standard deviation of what is added to the delay; it never changes the order. `loss` is the
    probability, 0 to 1, with which a packet is lost independently of others.
    """

    rate: float | None = None
    buffer: float = 0.3
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    burst: Burst | None = None
    fade: Fade | None = None


@dataclass(slots=True)
class Link:
    """A queue before a wire. `offered`, `delivered` and `lost` count bytes, bytes and packets."""

    conditions: Conditions
    seed: int = 0
    offered: int = 0
    delivered: int = 0
    lost: int = 0
    _random: random.Random = field(init=False)
    _free_at: float = 0.0
    _last_arrival: float = 0.0
    _in_burst: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def queued(self, now: float) -> float:
        """Seconds that a packet put in now would wait before the wire is free."""
        return max(self._free_at - now, 0.0)

    def send(self, now: float, size: int) -> float | None:
        """Put in a packet of `size` bytes at `now`. Returns when it arrives, or None if it is lost."""
        self.offered += size
        if self.queued(now) > self.conditions.buffer:
            self.lost += 1
            return None
        if self.conditions.rate:
            self._free_at = max(self._free_at, now) + size * 8 / self.conditions.rate
        if self._is_lost(now):
            self.lost += 1
            return None
        self.delivered += size
        self._last_arrival = max(self._last_arrival, max(self._free_at, now) + self._delay(now))
        return self._last_arrival

    def _delay(self, now: float) -> float:
        jitter = abs(self._random.gauss(0.0, self.conditions.jitter)) if self.conditions.jitter else 0.0
        faded = self.conditions.fade.delay if self.conditions.fade and self._fades(now) else 0.0
        return self.conditions.delay + jitter + faded

    def _is_lost(self, now: float) -> bool:
        fade = self.conditions.fade
        if fade and self._fades(now) and self._random.random() < fade.loss:
            return True
        return self._bursts() or self._random.random() < self.conditions.loss

    def _fades(self, now: float) -> bool:
        fade = self.conditions.fade
        return fade is not None and now % fade.period < fade.length

    def _bursts(self) -> bool:
        """The two states of Gilbert and Elliott: in the bad one every packet is lost."""
        burst = self.conditions.burst
        if burst is None:
            return False
        leave = 1 / burst.packets
        enter = leave * burst.share / (1 - burst.share)
        self._in_burst = self._random.random() < (1 - leave if self._in_burst else enter)
        return self._in_burst
