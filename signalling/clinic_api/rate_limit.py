"""How often one thing may be asked for: a bucket that fills steadily (sans-IO)."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms.live.ids import Seconds


@dataclass(slots=True)
class TokenBucket:
    """Lets through `burst` at once, and `per_second` in the long run. Invariant: 0 <= `_level` <= `burst`."""

    burst: int
    per_second: float
    _level: float = field(init=False)
    _at: Seconds | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._level = self.burst

    def take(self, now: Seconds) -> Seconds | None:
        """Take one; None if that was allowed, else how long to wait before the next try. `now` never goes back."""
        if self._at is not None:
            self._level = min(self.burst, self._level + (now - self._at) * self.per_second)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self.per_second
        self._level -= 1
        return None
