"""All rooms of this node, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rooms.live.admin_actions import AdminAction, AdminOutcome
from rooms.live.effects import DataForNobody, Fact
from rooms.live.info import ParticipantInfo, RoomInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOptions:
    """What a token or CreateRoom may say of a new room; None takes the configured value."""

    empty_timeout_seconds: float | None = None
    departure_timeout_seconds: float | None = None
    max_participants: int | None = None
    metadata: str | None = None


class TooManyRoomsError(Exception):
    """The node is at its bound of rooms. The message may be shown."""


class RoomAdministration(Protocol):
    """What the server APIs ask of the rooms of this node. Nothing here waits."""

    def create(self, name: str, options: RoomOptions) -> RoomInfo:
        """Open a room, or find the one of that name and leave it as it is. Raises `TooManyRoomsError`."""
        ...

    def list(self, names: Sequence[str] = ()) -> list[RoomInfo]:
        """The open rooms, or those of them that are named."""
        ...

    def participants(self, room: str) -> tuple[ParticipantInfo, ...] | None:
        """Everybody in `room`, hidden ones too; None if there is no such room."""
        ...

    def administer(self, room: str, action: AdminAction) -> AdminOutcome:
        """Carry `action` out at once. `Failure(NOT_FOUND)` if there is no such room."""
        ...

    def watch(self, listener: Callable[[Fact], None]) -> Callable[[], None]:
        """Call `listener` with every fact of every room from now on, in order. Returns the undo."""
        ...

    def overhear(self, listener: Callable[[str, DataForNobody], None]) -> None:
        """Call `listener` with a room's name and data that was addressed to nobody in it, from now on."""
        ...
