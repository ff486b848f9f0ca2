"""The room: chooses the reaction to each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from rooms.live import (
    adapting,
    administering,
    announcing,
    backup,
    connecting,
    messaging,
    observed,
    publishing,
    seating,
    speaking,
    subscribing,
)
from rooms.live.census import Census
from rooms.live.dynacast import Dynacast
from rooms.live.effects import Effect, FactKind, Refusal, Refused
from rooms.live.events import (
    AddBackupCodec,
    AddTrack,
    Administer,
    AudioLevels,
    BackupNegotiated,
    ChangeTrackSettings,
    DataChannelReady,
    DataSent,
    Event,
    Join,
    Leave,
    LinkMeasured,
    MediaConnected,
    MediaFailed,
    MediaInterrupted,
    MuteTrack,
    Resume,
    SetSubscriptionPermission,
    ShutDown,
    SignalLost,
    SimulateSpeakers,
    StreamStarved,
    Subscribe,
    SubscriptionImpossible,
    Timeout,
    TrackNegotiated,
    UnpublishBackup,
    UnpublishTrack,
    UpdateAudioTrack,
    UpdateOwnMetadata,
    UpdateVideoTrack,
)
from rooms.live.ids import Identity, Seconds, SidGenerator, UnixSeconds
from rooms.live.info import DisconnectReason, ParticipantInfo, RoomInfo
from rooms.live.limits import Limits
from rooms.live.observed import ObservedParticipant
from rooms.live.state import Empty, Over, RoomState, Timeouts


@dataclass(slots=True)
class Room:
    """A room while people are in it.

    Invariants: one seat per identity; no more visible participants than the room takes; nobody is sent a track that
    it may not have; what others are told of a participant has a growing version; nothing is told of hidden ones.
    """

    _state: RoomState

    @classmethod
    def open(
        cls,
        now: Seconds,
        *,
        name: str,
        metadata: str = "",
        unix_now: UnixSeconds,
        sids: SidGenerator,
        timeouts: Timeouts,
        limits: Limits,
        dynacast: bool = True,
    ) -> tuple[Self, list[Effect]]:
        """A new room, and what is to be done about its being there.

        With `dynacast`, publishers are asked to leave off the layers that nobody looks at.
        """
        state = RoomState(
            sid=sids.room(),
            name=name,
            metadata=metadata,
            created_at=now,
            unix_offset=unix_now - now,
            sids=sids,
            timeouts=timeouts,
            limits=limits,
            occupancy=Empty(now + timeouts.empty),
            dynacast=Dynacast(enabled=dynacast),
        )
        return cls(state), [announcing.fact(state, FactKind.ROOM_STARTED)]

    def info(self) -> RoomInfo:
        return self._state.info()

    def participants(self) -> tuple[ParticipantInfo, ...]:
        """Everybody, hidden ones too: for administrators."""
        return tuple(participant.info() for participant in self._state.participants.values())

    def observed(self, first: Identity, most: int) -> list[ObservedParticipant]:
        """What was decided about everybody, hidden ones too; of `most` subscriptions those of `first` come first."""
        return observed.observed(self._state, first, most)

    def census(self) -> Census:
        return Census.of(self._state)

    def refusal(self, event: Join) -> Refusal | None:
        """Why `event` would be refused if it came now."""
        return seating.refusal(self._state, event)

    def handle(self, now: Seconds, event: Event) -> list[Effect]:
        """Apply one event at `now`. Never raises: what a peer does wrong is an effect, or nothing."""
        if isinstance(self._state.occupancy, Over):
            return _too_late(event)
        effects = _react(self._state, now, event)
        return effects + adapting.follow_wishes(self._state, now)

    def deadline(self) -> Seconds | None:
        """When `Timeout` is due."""
        state = self._state
        if isinstance(state.occupancy, Over):
            return None
        times = (
            seating.deadline(state),
            subscribing.deadline(state),
            state.speakers.deadline(),
            state.qualities.deadline(),
            state.dynacast.deadline(),
            state.announce_at,
            state.gathering.deadline(),
        )
        return min((time for time in times if time is not None), default=None)


def _too_late(event: Event) -> list[Effect]:
    if isinstance(event, Join | Resume):
        return [Refused(event.connection, Refusal.ROOM_CLOSED)]
    return []


def _react(state: RoomState, now: Seconds, event: Event) -> list[Effect]:  # noqa: C901, PLR0911, PLR0912 - one line each
    match event:
        case Join():
            return seating.join(state, now, event)
        case Resume():
            return seating.resume(state, event)
        case SignalLost():
            return seating.signal_lost(state, now, event)
        case Leave():
            return seating.leave(state, now, event)
        case MediaConnected():
            return connecting.connected(state, now, event)
        case MediaInterrupted():
            return connecting.interrupted(state, now, event)
        case MediaFailed():
            return connecting.failed(state, now, event)
        case LinkMeasured():
            return connecting.measured(state, now, event)
        case StreamStarved():
            return adapting.starved(state, now, event)
        case AddTrack():
            return publishing.add_track(state, event)
        case TrackNegotiated():
            return publishing.negotiated(state, now, event)
        case AddBackupCodec():
            return backup.add(state, event)
        case BackupNegotiated():
            return backup.negotiated(state, event)
        case UnpublishBackup():
            return backup.unpublish(state, event)
        case UnpublishTrack():
            return publishing.unpublish(state, now, event)
        case MuteTrack():
            return publishing.mute(state, event)
        case UpdateAudioTrack():
            return publishing.update_audio(state, event)
        case UpdateVideoTrack():
            return publishing.update_video(state, event)
        case Subscribe():
            return subscribing.subscribe(state, event)
        case ChangeTrackSettings():
            return subscribing.change_settings(state, now, event)
        case SubscriptionImpossible():
            return subscribing.impossible(state, event)
        case SetSubscriptionPermission():
            return subscribing.set_permission(state, event)
        case UpdateOwnMetadata():
            return administering.update_own_metadata(state, event)
        case DataChannelReady():
            return messaging.channel_ready(state, now, event)
        case DataSent():
            return messaging.send(state, now, event)
        case AudioLevels():
            return speaking.heard(state, now, event)
        case SimulateSpeakers():
            return speaking.simulate(state, now, event)
        case Administer():
            return administering.administer(state, now, event)
        case ShutDown():
            return seating.close(state, now, DisconnectReason.SERVER_SHUTDOWN)
        case Timeout():
            return _due(state, now)


def _due(state: RoomState, now: Seconds) -> list[Effect]:
    effects = seating.due(state, now)
    if isinstance(state.occupancy, Over):
        return effects
    return [
        *effects,
        *subscribing.due(state, now),
        *speaking.due(state, now),
        *connecting.due(state, now),
        *adapting.due(state, now),
        *announcing.due(state, now),
    ]
