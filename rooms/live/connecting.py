"""A participant's media side: when it is there, when not, and how good its link is."""

from __future__ import annotations

from rooms.live import announcing, seating
from rooms.live.effects import Effect, Notify, QualityChanged
from rooms.live.events import LinkMeasured, MediaConnected, MediaFailed, MediaInterrupted
from rooms.live.ids import ParticipantSid, Seconds
from rooms.live.info import ConnectionQuality, DisconnectReason
from rooms.live.participant import MediaGone, MediaHere, MediaPending, SignalHere
from rooms.live.quality import mean_opinion_score, within
from rooms.live.state import RoomState


def connected(state: RoomState, now: Seconds, event: MediaConnected) -> list[Effect]:
    """The first time makes the participant ACTIVE; later ones end an interruption."""
    participant = state.participants.get(event.participant)
    if participant is None or isinstance(participant.media, MediaHere):
        return []
    first = isinstance(participant.media, MediaPending)
    participant.media = MediaHere()
    state.qualities.lost(participant.sid, lost=False)
    if not first:
        return due(state, now)
    joined = announcing.joined(state, now, participant.info())
    return [*announcing.changed(state, participant), joined, *_known_qualities(state, participant.sid)]


def interrupted(state: RoomState, now: Seconds, event: MediaInterrupted) -> list[Effect]:
    participant = state.participants.get(event.participant)
    if participant is None or not isinstance(participant.media, MediaHere):
        return []
    participant.media = MediaGone(now)
    state.qualities.lost(participant.sid, lost=True)
    return due(state, now)


def failed(state: RoomState, now: Seconds, event: MediaFailed) -> list[Effect]:
    """The seat cannot be kept; a client that still listens is asked to join anew."""
    participant = state.participants.get(event.participant)
    if participant is None:
        return []
    if isinstance(participant.signal, SignalHere):
        return seating.vacate(state, now, participant, DisconnectReason.MEDIA_FAILURE)
    return seating.vacate(state, now, participant, DisconnectReason.CONNECTION_TIMEOUT)


def measured(state: RoomState, now: Seconds, event: LinkMeasured) -> list[Effect]:
    if event.participant not in state.participants:
        return []
    score = mean_opinion_score(event.loss, event.round_trip_time_ms or 0.0, event.jitter_ms)
    state.qualities.measured(event.participant, event.direction, within(score, event.available_bps))
    return due(state, now)


def due(state: RoomState, now: Seconds) -> list[Effect]:
    """Everybody is told of the links that changed, each of those it may know of."""
    reports = state.qualities.due(now)
    effects: list[Effect] = []
    for viewer in state.participants.values():
        seen = tuple(
            report
            for report in reports
            if viewer.sees(state.participants[report.participant])
            # Being told that oneself is lost makes livekit-client tear everything down; and who hears it is not lost.
            and not (report.participant == viewer.sid and report.quality is ConnectionQuality.LOST)
        )
        if seen:
            effects.append(Notify(viewer.sid, QualityChanged(seen)))
    return effects


def _known_qualities(state: RoomState, viewer: ParticipantSid) -> list[Effect]:
    """What the others already know, for one who just came."""
    participant = state.participants[viewer]
    known = state.qualities.known()
    reports = tuple(known[seen.sid] for seen in state.seen_by(participant) if seen.sid in known and seen.sid != viewer)
    return [Notify(viewer, QualityChanged(reports))] if reports else []
