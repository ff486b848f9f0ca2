"""One seat in a room: who sits there, what it publishes, what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rooms.live.events import ClientTraits
from rooms.live.ids import Identity, ParticipantSid, Seconds, TrackSid, UnixSeconds
from rooms.live.info import DisconnectReason, ParticipantInfo, ParticipantKind, ParticipantState
from rooms.live.permission import Permission
from rooms.live.subscription import SubscriptionPermission, Subscriptions
from rooms.live.track import Live, Track


@dataclass(frozen=True, slots=True)
class SignalHere:
    """Its connection is open."""


@dataclass(frozen=True, slots=True)
class SignalGone:
    """Its connection was lost at `since`."""

    since: Seconds


@dataclass(frozen=True, slots=True)
class MediaPending:
    """No transport of its has connected yet."""


@dataclass(frozen=True, slots=True)
class MediaHere:
    """Media flows."""


@dataclass(frozen=True, slots=True)
class MediaGone:
    """There was no sign of its media side since `since`; it may come back by itself."""

    since: Seconds


FIRST_VERSION = 1

Signal = SignalHere | SignalGone
Media = MediaPending | MediaHere | MediaGone


@dataclass(slots=True)
class DataState:
    """`last_sequence` is the highest reliable number taken from it; `ready` the channels that it can be reached on."""

    last_sequence: int = 0
    ready: set[bool] = field(default_factory=set)


@dataclass(slots=True)
class Participant:
    """Invariant: `version` grows with every change that others can see; `told` is what they heard last."""

    sid: ParticipantSid
    identity: Identity
    name: str
    metadata: str
    attributes: Mapping[str, str]
    kind: ParticipantKind
    permission: Permission
    client: ClientTraits
    joined_at: UnixSeconds
    subscriptions: Subscriptions
    subscription_permission: SubscriptionPermission = field(default_factory=SubscriptionPermission)
    signal: Signal = field(default_factory=SignalHere)
    media: Media = field(default_factory=MediaPending)
    tracks: dict[TrackSid, Track] = field(default_factory=dict)
    data: DataState = field(default_factory=DataState)
    version: int = FIRST_VERSION
    told: ParticipantInfo | None = None

    def kept_until(self, resume_window: Seconds) -> Seconds | None:
        """When the seat is given up if nothing is heard; None while there is a sign of the client.

        Without its connection a client that never had media has nothing to come back to; one whose media flows
        keeps its seat for as long as it flows.
        """
        match self.signal, self.media:
            case SignalGone(since), MediaPending():
                return since
            case SignalGone(since), MediaGone(media_since):
                return max(since, media_since) + resume_window
            case _:
                return None

    @property
    def state(self) -> ParticipantState:
        """ACTIVE from the first media on: an interruption does not take that back."""
        return ParticipantState.JOINED if isinstance(self.media, MediaPending) else ParticipantState.ACTIVE

    @property
    def live_tracks(self) -> list[Track]:
        return [track for track in self.tracks.values() if isinstance(track.media, Live)]

    def sees(self, other: Participant) -> bool:
        return other is self or not other.permission.hidden

    def tell(self) -> ParticipantInfo:
        """What the others are told now."""
        self.told = self.info()
        return self.told

    def info(self, *, left: DisconnectReason | None = None) -> ParticipantInfo:
        """What others are told; `left` makes it the last word."""
        return ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self.name,
            metadata=self.metadata,
            attributes=self.attributes,
            state=ParticipantState.DISCONNECTED if left else self.state,
            kind=self.kind,
            permission=self.permission,
            tracks=() if left else tuple(track.info() for track in self.live_tracks),
            joined_at=self.joined_at,
            version=self.version,
            client_protocol=self.client.client_protocol,
            capabilities=self.client.capabilities,
            disconnect_reason=left,
        )
