"""What all rooms of a node share: the core, time, secrets, and who is told of what they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from media.commands import Command
from rooms.live.effects import DataForNobody, Fact
from rooms.live.ids import Seconds
from signalling.auth.tokens import TokenAuthority
from signalling.client.local_media import LocalMedia

if TYPE_CHECKING:
    from signalling.hosting.room_host import RoomHost


class Core(Protocol):
    def submit(self, *commands: Command) -> None: ...

    def place(self, room: str) -> int:
        """The worker on which one more person of the room is to live."""
        ...

    def leave(self, room: str, worker: int) -> None:
        """Somebody who was placed there has gone."""
        ...

    def vacate(self, room: str) -> None:
        """The room is closed."""
        ...


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """What of an event loop keeps time; a loop is one."""

    def time(self) -> Seconds: ...

    def call_at(self, when: Seconds, callback: Callable[[], None], /) -> Timer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`unix_clock` is the wall's. The `on_…` are called within a step, and must not wait or call back."""

    core: Core
    media: LocalMedia
    authority: TokenAuthority
    node: str
    clock: Clock
    unix_clock: Callable[[], float]
    counters: Counter[str]
    on_fact: Callable[[Fact], None]
    on_unclaimed: Callable[[str, DataForNobody], None]
    on_commands: Callable[[RoomHost, Sequence[Command]], None]
    on_closed: Callable[[RoomHost], None]
