"""What others are told: snapshots of a room, its participants and their tracks. Names are LiveKit's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from media.parameters import MediaKind
from rooms.live.ids import Identity, ParticipantSid, RoomSid, TrackSid, UnixSeconds
from rooms.live.permission import Permission, TrackSource


class VideoQuality(IntEnum):
    LOW = 0
    MEDIUM = 1
    HIGH = 2


class Encryption(StrEnum):
    NONE = "none"
    GCM = "gcm"
    CUSTOM = "custom"


class AudioFeature(StrEnum):
    STEREO = "stereo"
    NO_DTX = "no_dtx"
    AUTO_GAIN_CONTROL = "auto_gain_control"
    ECHO_CANCELLATION = "echo_cancellation"
    NOISE_SUPPRESSION = "noise_suppression"
    ENHANCED_NOISE_CANCELLATION = "enhanced_noise_cancellation"
    PRECONNECT_BUFFER = "preconnect_buffer"


class LayerMode(StrEnum):
    """How spatial layers travel: one RTP stream each (simulcast), or all in one (SVC)."""

    UNUSED = "unused"
    ONE_PER_STREAM = "one_per_stream"
    MANY_PER_STREAM = "many_per_stream"


class BackupCodecPolicy(StrEnum):
    PREFER_REGRESSION = "prefer_regression"
    SIMULCAST = "simulcast"
    REGRESSION = "regression"


class ParticipantKind(StrEnum):
    STANDARD = "standard"
    INGRESS = "ingress"
    EGRESS = "egress"
    SIP = "sip"
    AGENT = "agent"
    CONNECTOR = "connector"
    BRIDGE = "bridge"


class ParticipantState(StrEnum):
    """JOINED until media connects, then ACTIVE; DISCONNECTED is the last word on a sid."""

    JOINED = "joined"
    ACTIVE = "active"
    DISCONNECTED = "disconnected"


class DisconnectReason(StrEnum):
    UNKNOWN = "unknown"
    CLIENT_INITIATED = "client_initiated"
    DUPLICATE_IDENTITY = "duplicate_identity"
    SERVER_SHUTDOWN = "server_shutdown"
    PARTICIPANT_REMOVED = "participant_removed"
    ROOM_DELETED = "room_deleted"
    STATE_MISMATCH = "state_mismatch"
    JOIN_FAILURE = "join_failure"
    MIGRATION = "migration"
    SIGNAL_CLOSE = "signal_close"
    ROOM_CLOSED = "room_closed"
    CONNECTION_TIMEOUT = "connection_timeout"
    MEDIA_FAILURE = "media_failure"


class ConnectionQuality(StrEnum):
    LOST = "lost"
    POOR = "poor"
    GOOD = "good"
    EXCELLENT = "excellent"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLayer:
    """One layer as its publisher declared it, in pixels and bit/s; 0 where it did not say."""

    quality: VideoQuality
    width: int = 0
    height: int = 0
    bitrate_bps: int = 0
    rid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecInfo:
    """One codec of a track. `mime_type` is "video/VP8"; `cid` is the client's name for the encoding's sender."""

    mime_type: str
    cid: str = ""
    layers: tuple[VideoLayer, ...] = ()
    layer_mode: LayerMode = LayerMode.UNUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRequest:
    """What a client asks to publish. `cid` is its own name for the track, unique among its requests."""

    cid: str
    kind: MediaKind
    source: TrackSource = TrackSource.UNKNOWN
    name: str = ""
    muted: bool = False
    width: int = 0
    height: int = 0
    layers: tuple[VideoLayer, ...] = ()
    codecs: tuple[CodecInfo, ...] = ()
    disable_dtx: bool = False
    stereo: bool = False
    disable_red: bool = False
    encryption: Encryption = Encryption.NONE
    stream: str = ""
    audio_features: frozenset[AudioFeature] = frozenset()
    backup_codec_policy: BackupCodecPolicy = BackupCodecPolicy.PREFER_REGRESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackInfo:
    """A published track. `mime_type` is what is sent now; `mid` is empty until it was negotiated."""

    sid: TrackSid
    kind: MediaKind
    source: TrackSource
    name: str
    muted: bool
    width: int
    height: int
    layers: tuple[VideoLayer, ...]
    codecs: tuple[CodecInfo, ...]
    mime_type: str
    mid: str
    simulcast: bool
    disable_dtx: bool
    stereo: bool
    disable_red: bool
    encryption: Encryption
    stream: str
    audio_features: frozenset[AudioFeature]
    backup_codec_policy: BackupCodecPolicy
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantInfo:
    """One participant as of `version`, which only grows. `capabilities` are LiveKit's numbers, passed on untouched."""

    sid: ParticipantSid
    identity: Identity
    name: str
    metadata: str
    attributes: Mapping[str, str] = field(hash=False)
    state: ParticipantState
    kind: ParticipantKind
    permission: Permission
    tracks: tuple[TrackInfo, ...]
    joined_at: UnixSeconds
    version: int
    client_protocol: int
    capabilities: tuple[int, ...]
    disconnect_reason: DisconnectReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInfo:
    """Counts leave hidden participants out."""

    sid: RoomSid
    name: str
    metadata: str
    created_at: UnixSeconds
    empty_timeout_seconds: float
    departure_timeout_seconds: float
    max_participants: int
    num_participants: int
    num_publishers: int
    active_recording: bool
    version: int
