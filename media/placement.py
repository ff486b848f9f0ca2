"""Which of the core's workers the people of a room live on."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

_ICE_CHARACTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
"""RFC 8839 §5.4, in the order in which the core counts them."""

DISTRUST_SECONDS = 30.0
"""How long a worker that had a fault gets no new rooms: what broke it may come back with its clients."""
DEFAULT_CROWD = 25
"""Twenty-five people who all see each other take some two fifths of a worker; many more would not fit on one."""
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
    """A room lives on one worker, its home, while it is small; a crowd is spread over several.

    Small rooms pay for nothing: none of their packets crosses. Of a crowd each worker serves a part, and gets each
    layer that its part looks at from the worker of its publisher, once.
    """

    def __init__(self, crowd: int = DEFAULT_CROWD) -> None:
        """`crowd` people of one room are enough for one worker, 1 or more."""
        self._crowd = crowd
        self._rooms: dict[str, dict[int, int]] = {}
        """How many people of each room live on each of its homes, the first home first."""
        self._distrusted: dict[int, float] = {}

    def place(self, now: float, room: str, loads: Sequence[Load]) -> int:
        """The worker for one more person of `room`. `loads` are those of all workers, in order."""
        homes = self._rooms.setdefault(room, {})
        worker = next((home for home, people in homes.items() if people < self._crowd), None)
        if worker is None:
            worker = self._choose(now, homes, loads)
        homes[worker] = homes.get(worker, 0) + 1
        return worker

    def leave(self, room: str, worker: int) -> None:
        """Somebody who was placed there has gone. A worker that the room has lost since is no error."""
        homes = self._rooms.get(room, {})
        if worker in homes:
            homes[worker] = max(homes[worker] - 1, 0)
            if not homes[worker] and len(homes) > 1:
                del homes[worker]

    def forget(self, room: str) -> None:
        """The room is closed. One that is not known is no error."""
        self._rooms.pop(room, None)

    def faulted(self, now: float, worker: int) -> None:
        """A worker has lost its transports: whoever lived there finds another home."""
        self._distrusted[worker] = now + DISTRUST_SECONDS
        for homes in self._rooms.values():
            homes.pop(worker, None)

    def _choose(self, now: float, homes: Mapping[int, int], loads: Sequence[Load]) -> int:
        """Who has the fewest of the room, and of those the least busy; then who has the fewest rooms, and consumers."""
        rooms = Counter(home for others in self._rooms.values() for home in others)

        def burden(worker: int) -> tuple[bool, int, int, int, int]:
            load = loads[worker]
            is_distrusted = self._distrusted.get(worker, now) > now
            busy = int(load.busy_share * _STEPS)
            return is_distrusted, homes.get(worker, 0), busy, rooms[worker], load.consumers

        return min(range(len(loads)), key=burden)
