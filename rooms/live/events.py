"""All that can happen to a room, one frozen dataclass per event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from media.parameters import ProducerId, ProducerParameters
from rooms.live.admin_actions import AdminAction
from rooms.live.data_subject import DataSubject
from rooms.live.ids import ConnectionId, Identity, ParticipantSid, RequestId, TrackSid
from rooms.live.info import AudioFeature, CodecInfo, DisconnectReason, ParticipantKind, TrackRequest, VideoQuality
from rooms.live.permission import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTraits:
    """What a client said about itself, as far as it changes what it is told.

    `protocol` is the signal protocol's number; `client_protocol` and `capabilities` are for the other clients.
    """

    protocol: int
    client_protocol: int = 0
    capabilities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Somebody with a good token asks for a seat. Answered by `Admitted` or `Refused` for `connection`."""

    connection: ConnectionId
    identity: Identity
    name: str = ""
    metadata: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    kind: ParticipantKind = ParticipantKind.STANDARD
    permission: Permission = field(default_factory=Permission)
    client: ClientTraits
    auto_subscribe: bool = True
    adaptive_stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The client of `participant` is back on a new connection. Answered by `Resumed` or `Refused`."""

    connection: ConnectionId
    participant: ParticipantSid
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLost:
    """Its connection ended without a goodbye. Media may well go on."""

    participant: ParticipantSid


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    participant: ParticipantSid
    reason: DisconnectReason


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConnected:
    """Media flows for the first time, or again after `MediaInterrupted`."""

    participant: ParticipantSid


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInterrupted:
    """No sign of the client's media side for some seconds; it may come back by itself."""

    participant: ParticipantSid


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFailed:
    """Final: the transport is gone."""

    participant: ParticipantSid


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMeasured:
    """Statistics of one direction of one participant's link over the last seconds; ratios are 0.0 to 1.0."""

    participant: ParticipantSid
    direction: Literal["up", "down"]
    loss: float
    round_trip_time_ms: float | None
    jitter_ms: float
    available_bps: int | None = None
    """What the link is estimated to carry; known downwards at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarved:
    """The participant's link does not carry even the least of this track, or carries it again."""

    participant: ParticipantSid
    track: TrackSid
    starved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTrack:
    participant: ParticipantSid
    request: TrackRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNegotiated:
    """The core is ready to receive the track as `producer`. Repeated when its parameters were negotiated anew."""

    participant: ParticipantSid
    track: TrackSid
    producer: ProducerId
    parameters: ProducerParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBackupCodec:
    """The client is about to send a track of its own in a second codec, too."""

    participant: ParticipantSid
    track: TrackSid
    codec: CodecInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupNegotiated:
    """The core is ready to receive the second codec of the track as `producer`; repeated like `TrackNegotiated`."""

    participant: ParticipantSid
    track: TrackSid
    producer: ProducerId
    parameters: ProducerParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishBackup:
    """The client sends the second codec no longer."""

    participant: ParticipantSid
    track: TrackSid


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishTrack:
    participant: ParticipantSid
    track: TrackSid


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteTrack:
    participant: ParticipantSid
    track: TrackSid
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAudioTrack:
    participant: ParticipantSid
    track: TrackSid
    features: frozenset[AudioFeature]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateVideoTrack:
    participant: ParticipantSid
    track: TrackSid
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """The participant wants these tracks, or with `wanted` false no longer wants them."""

    participant: ParticipantSid
    tracks: tuple[TrackSid, ...]
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """How large somebody shows a track. With a width and a height, `quality` does not count.

    `fps` 0 stands for all there are; `priority` 1 is the highest, 0 none in particular.
    """

    disabled: bool = False
    quality: VideoQuality = VideoQuality.HIGH
    width: int = 0
    height: int = 0
    fps: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTrackSettings:
    participant: ParticipantSid
    tracks: tuple[TrackSid, ...]
    settings: TrackSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionImpossible:
    """The subscriber's client cannot take this track (it has none of its codecs)."""

    participant: ParticipantSid
    track: TrackSid


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPermission:
    """One line of a publisher's allow list: who, by sid or identity, may take all or some of its tracks."""

    participant: ParticipantSid | None = None
    identity: Identity | None = None
    all_tracks: bool = False
    tracks: frozenset[TrackSid] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSubscriptionPermission:
    """Who may subscribe to `participant`: everybody, or those that `allowed` lists."""

    participant: ParticipantSid
    all_participants: bool
    allowed: tuple[TrackPermission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOwnMetadata:
    """None leaves a value as it is; an attribute with an empty value is deleted."""

    participant: ParticipantSid
    request: RequestId
    name: str | None
    metadata: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChannelReady:
    """The participant can now be sent data, on its reliable or on its lossy channel."""

    participant: ParticipantSid
    reliable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSent:
    """A participant's data message. `payload` is opaque here; `sequence` 0 means that the client does not number."""

    participant: ParticipantSid
    reliable: bool
    sequence: int
    subject: DataSubject
    to_identities: frozenset[Identity]
    to_participants: frozenset[ParticipantSid]
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLevels:
    """The audible tracks of this room in the last window: (producer, level from 0.0 to 1.0)."""

    levels: tuple[tuple[ProducerId, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateSpeakers:
    """A client's test asks to be shown as speaking for some seconds."""

    participant: ParticipantSid
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Administer:
    """An action by somebody who may administer this room. Answered by `Administered` for `request`."""

    request: RequestId
    action: AdminAction


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The server stops: everybody is told, and the room closes."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """The room's deadline has passed."""


Event = (
    Join
    | Resume
    | SignalLost
    | Leave
    | MediaConnected
    | MediaInterrupted
    | MediaFailed
    | LinkMeasured
    | StreamStarved
    | AddTrack
    | TrackNegotiated
    | AddBackupCodec
    | BackupNegotiated
    | UnpublishBackup
    | UnpublishTrack
    | MuteTrack
    | UpdateAudioTrack
    | UpdateVideoTrack
    | Subscribe
    | ChangeTrackSettings
    | SubscriptionImpossible
    | SetSubscriptionPermission
    | UpdateOwnMetadata
    | DataChannelReady
    | DataSent
    | AudioLevels
    | SimulateSpeakers
    | Administer
    | ShutDown
    | Timeout
)
