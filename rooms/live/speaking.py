"""Who is told that somebody speaks: those who hear it, and the speaker."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.live import adapting
from rooms.live.effects import Announce, Effect, Speaker, SpeakersChanged
from rooms.live.events import AudioLevels, SimulateSpeakers
from rooms.live.ids import ParticipantSid, Seconds
from rooms.live.participant import Participant
from rooms.live.state import RoomState
from rooms.live.track import Live

_SIMULATION_SECONDS_LIMIT = 60.0


def heard(state: RoomState, now: Seconds, event: AudioLevels) -> list[Effect]:
    """One worker's levels, by track, become levels by participant: the loudest track counts, muted ones do not."""
    levels: dict[ParticipantSid, float] = {}
    for producer, level in event.levels:
        sid = state.producers.get(producer)
        track = None if sid is None else state.track(sid)
        if track is not None and not track.muted:
            levels[track.publisher] = max(level, levels.get(track.publisher, 0.0))
    return _tell(state, state.speakers.hear(now, levels))


def simulate(state: RoomState, now: Seconds, event: SimulateSpeakers) -> list[Effect]:
    if event.participant not in state.participants:
        return []
    until = now + min(max(event.seconds, 0.0), _SIMULATION_SECONDS_LIMIT)
    return _tell(state, state.speakers.simulate(now, event.participant, until))


def due(state: RoomState, now: Seconds) -> list[Effect]:
    return _tell(state, state.speakers.due(now))


def _tell(state: RoomState, changes: Sequence[Speaker]) -> list[Effect]:
    if not changes:
        return []
    audiences = {speaker.participant: _audience(state.participants[speaker.participant]) for speaker in changes}
    viewers: dict[tuple[Speaker, ...], list[ParticipantSid]] = {}
    for viewer in state.participants:
        heard_by_viewer = tuple(speaker for speaker in changes if viewer in audiences[speaker.participant])
        viewers.setdefault(heard_by_viewer, []).append(viewer)
    told = [Announce(tuple(sids), SpeakersChanged(heard)) for heard, sids in viewers.items() if heard]
    return told + adapting.follow_speakers(state)


def _audience(speaker: Participant) -> set[ParticipantSid]:
    audience = {speaker.sid}
    for track in speaker.live_tracks:
        if track.request.kind == "audio" and isinstance(track.media, Live):
            audience |= track.media.subscribers
    return audience
