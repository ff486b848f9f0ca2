"""Which of the core's workers a room's transports live on."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

_ICE_CHARACTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
"""RFC 8839 §5.4, in the order in which the core counts them."""

DISTRUST_SECONDS = 30.0
"""How long a worker that had a fault gets no new rooms: what broke it may come back with its clients."""
_STEPS = 5
"""Workers whose busy shares fall into the same fifth count as equally busy."""


class Load(Protocol):
    """What of a worker's statistics is looked at."""

    @property
    def busy_share(self) -> float: ...
    @property
    def consumers(self) -> int: ...


def fragment_prefix(worker: int) -> str:
    """What the username fragments of a worker's transports begin with."""
    return _ICE_CHARACTERS[worker]


class Placement:
    """A room's transports live together on one worker, its home, so that no packet need cross."""

    def __init__(self) -> None:
        self._homes: dict[str, int] = {}
        self._distrusted: dict[int, float] = {}

    def place(self, now: float, room: str, loads: Sequence[Load]) -> int:
        """The worker for one more transport of `room`. `loads` are those of all workers, in order."""
        home = self._homes.get(room)
        if home is None:
            home = self._homes[room] = self._choose(now, loads)
        return home

    def forget(self, room: str) -> None:
        """The room is closed. One that is not known is no error."""
        self._homes.pop(room, None)

    def faulted(self, now: float, worker: int) -> None:
        """A worker has lost its transports: its rooms find another home."""
        self._distrusted[worker] = now + DISTRUST_SECONDS
        self._homes = {room: home for room, home in self._homes.items() if home != worker}

    def _choose(self, now: float, loads: Sequence[Load]) -> int:
        """The least busy; among equals who has the fewest rooms, and then the fewest consumers."""
        rooms = Counter(self._homes.values())

        def burden(worker: int) -> tuple[bool, int, int, int]:
            load = loads[worker]
            is_distrusted = self._distrusted.get(worker, now) > now
            return is_distrusted, int(load.busy_share * _STEPS), rooms[worker], load.consumers

        return min(range(len(loads)), key=burden)
