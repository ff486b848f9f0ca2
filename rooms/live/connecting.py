"""A participant's media side: when it is there, when not, and how good its link is."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.live import announcing, seating
from rooms.live.effects import Announce, Effect, QualityChanged, QualityReport
from rooms.live.events import LinkMeasured, MediaConnected, MediaFailed, MediaInterrupted
from rooms.live.ids import ParticipantSid, Seconds
from rooms.live.info import ConnectionQuality, DisconnectReason
from rooms.live.participant import MediaGone, MediaHere, MediaPending, Participant, SignalHere
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
    joined = announcing.joined(state, now, participant)
    return [*announcing.changed_quietly(state, now, participant), *joined, *_known_qualities(state, participant)]


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
    if not reports:
        return []
    common = tuple(report for report in reports if report.participant not in state.hidden)
    lost = {report.participant for report in reports if report.quality is ConnectionQuality.LOST}
    apart = (lost | state.hidden) & {report.participant for report in reports}
    told = [(tuple(sid for sid in state.participants if sid not in apart), common)]
    told += [((viewer,), _for_one_apart(common, reports, viewer)) for viewer in sorted(apart)]
    # First who they are: of somebody whom they do not know yet, nobody can be told anything.
    effects = announcing.flush(state)
    return effects + [Announce(viewers, QualityChanged(seen)) for viewers, seen in told if viewers and seen]


def _for_one_apart(
    common: Sequence[QualityReport], reports: Sequence[QualityReport], viewer: ParticipantSid
) -> tuple[QualityReport, ...]:
    """What somebody hears who is hidden or lost, and in these `reports`.

    Being told that oneself is lost makes livekit-client tear everything down; and who hears it is not lost.
    """
    own = [report for report in reports if report.participant == viewer]
    heard = (report for report in own if report.quality is not ConnectionQuality.LOST)
    return (*(report for report in common if report.participant != viewer), *heard)


def _known_qualities(state: RoomState, participant: Participant) -> list[Effect]:
    """What the others already know, for one who just came."""
    known = state.qualities.known()
    reports = tuple(report for report in known if report.participant not in state.hidden)
    return [Announce((participant.sid,), QualityChanged(reports))] if reports else []
