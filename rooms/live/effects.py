"""All that a room can ask for: outcomes for connections, notices for participants, data, facts for the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from media.parameters import ProducerId, ProducerParameters
from rooms.live.admin_actions import AdminOutcome
from rooms.live.ids import ConnectionId, Identity, ParticipantSid, RequestId, Seconds, TrackSid
from rooms.live.info import (
    ConnectionQuality,
    DisconnectReason,
    ParticipantInfo,
    RoomInfo,
    TrackInfo,
    TrackRequest,
)
from rooms.live.track import Encoding


class RequestStatus(StrEnum):
    """Outcome of a participant's own request, under LiveKit's names."""

    OK = "ok"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    LIMIT_EXCEEDED = "limit_exceeded"
    UNSUPPORTED_TYPE = "unsupported_type"
    INVALID_REQUEST = "invalid_request"


class Refusal(StrEnum):
    """Why a connection gets no seat."""

    ROOM_FULL = "room_full"
    ROOM_CLOSED = "room_closed"
    TOO_LARGE = "too_large"
    """Identity, name, metadata or attributes are over the limits."""
    UNKNOWN_PARTICIPANT = "unknown_participant"
    """Nobody to resume: the client has to join anew."""


# --- Notices: what one participant's session is told -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The seat is taken. `others` are the visible participants with all their tracks."""

    participant: ParticipantInfo
    others: tuple[ParticipantInfo, ...]
    room: RoomInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeBack:
    """The seat was still kept. `participants` is everybody visible, oneself included.

    `last_sequence` is the last reliable data message taken from this participant; `declared` are its tracks that wait
    to be negotiated, with the client's names for them.
    """

    participants: tuple[ParticipantInfo, ...]
    room: RoomInfo
    last_sequence: int
    declared: tuple[tuple[str, TrackInfo], ...]


@dataclass(frozen=True, slots=True)
class ParticipantsChanged:
    participants: tuple[ParticipantInfo, ...]


@dataclass(frozen=True, slots=True)
class RoomChanged:
    room: RoomInfo


@dataclass(frozen=True, slots=True)
class PermissionChanged:
    """One's own grants, name, metadata or attributes were changed: the token must follow."""

    participant: ParticipantInfo


@dataclass(frozen=True, slots=True)
class TrackPublished:
    cid: str
    track: TrackInfo


@dataclass(frozen=True, slots=True)
class PublishRefused:
    request: TrackRequest
    status: RequestStatus
    message: str


@dataclass(frozen=True, slots=True)
class TrackUnpublished:
    """One's own track is over. `by_server` when the client did not ask for it and must be told."""

    track: TrackSid
    by_server: bool


@dataclass(frozen=True, slots=True)
class TrackMuted:
    """One's own track: forward nothing of it (or again). `by_server` when the client must be told."""

    track: TrackSid
    muted: bool
    by_server: bool


@dataclass(frozen=True, slots=True)
class FirstSubscriber:
    """Somebody takes this track of one's own for the first time."""

    track: TrackSid


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """Start to send this track; what is known of it goes out in `ParticipantsChanged` before."""

    publisher: ParticipantSid
    track: TrackInfo
    producer: ProducerId
    parameters: ProducerParameters
    paused: bool
    spatial_layer: int
    temporal_layer: int | None = None
    priority: int = 0
    backup: Encoding | None = None
    """For a client that cannot take the first."""


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Stop sending this track, now."""

    track: TrackSid


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingChanged:
    track: TrackSid
    paused: bool
    spatial_layer: int
    temporal_layer: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStateChanged:
    """This track is paused, or goes on, for the sake of one's own link."""

    publisher: ParticipantSid
    track: TrackSid
    paused: bool


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """Of one's own track, subscribers look at the `wanted` least layers of `sent`: the others need not be sent."""

    track: TrackSid
    mime_type: str
    wanted: int
    sent: int


@dataclass(frozen=True, slots=True)
class BackupWanted:
    """Of one's own track a second codec is needed: somebody cannot take the first."""

    track: TrackSid
    mime_type: str


@dataclass(frozen=True, slots=True)
class SubscriptionRefused:
    """`codec_unsupported`, or else there is no such track."""

    track: TrackSid
    codec_unsupported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPermissionChanged:
    publisher: ParticipantSid
    track: TrackSid
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    participant: ParticipantSid
    level: float
    active: bool


@dataclass(frozen=True, slots=True)
class SpeakersChanged:
    """Only those that changed."""

    speakers: tuple[Speaker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """`score` from 0.0 to 5.0, as the mean opinion score runs."""

    participant: ParticipantSid
    quality: ConnectionQuality
    score: float


@dataclass(frozen=True, slots=True)
class QualityChanged:
    reports: tuple[QualityReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered:
    request: RequestId
    status: RequestStatus
    message: str = ""


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The seat is gone: say why, and close."""

    reason: DisconnectReason


Notice = (
    Welcome
    | WelcomeBack
    | PermissionChanged
    | TrackPublished
    | PublishRefused
    | TrackUnpublished
    | TrackMuted
    | FirstSubscriber
    | Subscribed
    | Unsubscribed
    | ForwardingChanged
    | StreamStateChanged
    | LayersWanted
    | BackupWanted
    | SubscriptionRefused
    | SubscriptionPermissionChanged
    | RequestAnswered
    | Dismissed
)

News = ParticipantsChanged | RoomChanged | SpeakersChanged | QualityChanged
"""What many are told in the same words."""

# --- Effects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Admitted:
    """`connection` sits as `participant`; its first notice (`Welcome`) follows."""

    connection: ConnectionId
    participant: ParticipantSid


@dataclass(frozen=True, slots=True)
class Resumed:
    """`connection` takes over the seat of `participant`; `WelcomeBack` follows."""

    connection: ConnectionId
    participant: ParticipantSid


@dataclass(frozen=True, slots=True)
class Refused:
    connection: ConnectionId
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Notify:
    participant: ParticipantSid
    notice: Notice


@dataclass(frozen=True, slots=True)
class Announce:
    """All of `participants` are told the same."""

    participants: tuple[ParticipantSid, ...]
    news: News


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverData:
    """Send `payload` to all of `to`, stamped with the sender's identity and sid: empty when nobody is to know it."""

    to: tuple[ParticipantSid, ...]
    reliable: bool
    sender_identity: Identity
    sender: ParticipantSid
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DataForNobody:
    """A message was addressed to `names`, which nobody here has: one may be what the server itself sent under."""

    sender: Identity
    names: frozenset[Identity]
    payload: bytes


@dataclass(frozen=True, slots=True)
class DataRefused:
    """A data message was dropped; counted under `reason`."""

    participant: ParticipantSid
    reason: str


@dataclass(frozen=True, slots=True)
class RankMicrophone:
    """Forward `producer` only while it is among the `loudest` microphones of the room; None for always, as at first."""

    producer: ProducerId
    loudest: int | None


@dataclass(frozen=True, slots=True)
class Administered:
    request: RequestId
    outcome: AdminOutcome


class FactKind(StrEnum):
    """LiveKit's names of webhook events."""

    ROOM_STARTED = "room_started"
    ROOM_FINISHED = "room_finished"
    PARTICIPANT_JOINED = "participant_joined"
    PARTICIPANT_LEFT = "participant_left"
    PARTICIPANT_CONNECTION_ABORTED = "participant_connection_aborted"
    TRACK_PUBLISHED = "track_published"
    TRACK_UNPUBLISHED = "track_unpublished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, for the record, for webhooks and for metrics.

    `ended` is why a room is over. `join_seconds` is what passed between a participant's seat and its first media.
    """

    kind: FactKind
    room: RoomInfo
    participant: ParticipantInfo | None = None
    track: TrackInfo | None = None
    ended: DisconnectReason | None = None
    join_seconds: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """The room is over: nothing will come of it any more."""


Effect = (
    Admitted
    | Resumed
    | Refused
    | Notify
    | Announce
    | DeliverData
    | DataForNobody
    | DataRefused
    | RankMicrophone
    | Administered
    | Fact
    | Closed
)
