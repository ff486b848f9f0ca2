"""Which microphones compete for being forwarded: of many that are open only the loudest are heard.

The core compares them, packet by packet; who takes part is decided here.
"""

from __future__ import annotations

from rooms.live.effects import Effect, RankMicrophone
from rooms.live.participant import Participant
from rooms.live.permission import TrackSource
from rooms.live.state import RoomState
from rooms.live.track import Live, Track


def refresh(state: RoomState, publisher: Participant) -> list[Effect]:
    """Whoever shows a screen is heard in any case; so is the sound of a screen. Returns what is new."""
    shows_screen = any(track.request.source is TrackSource.SCREEN_SHARE for track in publisher.live_tracks)
    competes = state.limits.loudest_microphones > 0 and not shows_screen
    effects: list[Effect] = []
    for track in publisher.live_tracks:
        if _is_microphone(track) and isinstance(track.media, Live) and track.media.competes != competes:
            track.media.competes = competes
            loudest = state.limits.loudest_microphones if competes else None
            effects.append(RankMicrophone(track.media.producer, loudest))
    return effects


def _is_microphone(track: Track) -> bool:
    return track.request.kind == "audio" and track.request.source is not TrackSource.SCREEN_SHARE_AUDIO
