"""What an administrator of a room may ask of it (LiveKit RoomService, less what concerns no single room)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rooms.live.ids import NO_NAME, Identity, ParticipantSid, TrackSid
from rooms.live.info import ParticipantInfo, RoomInfo, TrackInfo
from rooms.live.permission import Permission


@dataclass(frozen=True, slots=True)
class RemoveParticipant:
    identity: Identity


@dataclass(frozen=True, slots=True)
class MutePublishedTrack:
    """Unmuting from afar is refused: nobody's microphone is opened without them."""

    identity: Identity
    track: TrackSid
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateParticipant:
    """None leaves a value as it is; an attribute with an empty value is deleted."""

    identity: Identity
    name: str | None = None
    metadata: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    permission: Permission | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSubscriptions:
    identity: Identity
    tracks: tuple[TrackSid, ...]
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendData:
    """Data from the server itself. `payload` is opaque; a `nonce` seen before makes it a repeat, which is not sent.

    `sender` is the name it goes out under, to which an answer may be addressed; it is nobody's in the room.
    """

    payload: bytes
    reliable: bool
    sender: Identity = NO_NAME
    to_identities: frozenset[Identity] = frozenset()
    to_participants: frozenset[ParticipantSid] = frozenset()
    nonce: bytes = b""


@dataclass(frozen=True, slots=True)
class UpdateRoomMetadata:
    metadata: str


@dataclass(frozen=True, slots=True)
class DeleteRoom:
    """Everybody is told that the room was deleted, and it closes."""


AdminAction = (
    RemoveParticipant
    | MutePublishedTrack
    | UpdateParticipant
    | UpdateSubscriptions
    | SendData
    | UpdateRoomMetadata
    | DeleteRoom
)


class FailureKind(StrEnum):
    NOT_FOUND = "not_found"
    INVALID_ARGUMENT = "invalid_argument"
    FAILED_PRECONDITION = "failed_precondition"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an action was not carried out; `message` may be sent to who asked."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """The action was carried out; `value` is the changed thing as it is now, None where there is none to show."""

    value: ParticipantInfo | TrackInfo | RoomInfo | None = None


AdminOutcome = Done | Failure
