"""Who is served first where a subscriber's link is too thin for everything: a number for each video that it gets.

The core serves the higher number first, and from 192 on it serves a video in full before any other gets its least.
"""

from __future__ import annotations

from rooms.live.events import TrackSettings
from rooms.live.ids import ParticipantSid
from rooms.live.permission import TrackSource
from rooms.live.track import Track

CONTENT = 200
"""What is being reviewed must be legible; faces are worth less than that."""
SPEAKER = 150
PINNED = 140
"""For LiveKit's priority 1, the highest a client can give; each next one counts one less."""
LEAST_PINNED = 101
REST = 0


def priority(track: Track, settings: TrackSettings, floor: ParticipantSid | None) -> int:
    """Of `track` for a subscriber who has chosen `settings`, while `floor` speaks. Audio always comes first: 0."""
    if track.request.kind == "audio":
        return REST
    if track.request.source is TrackSource.SCREEN_SHARE:
        return CONTENT
    if track.publisher == floor:
        return SPEAKER
    if settings.priority:
        return max(PINNED + 1 - settings.priority, LEAST_PINNED)
    return REST
