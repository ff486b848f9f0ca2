"""Dynacast: publishers send no layer that nobody looks at.

What is wanted again is asked for at once, since somebody waits for it; what is wanted no longer is switched off late,
since people turn pages back and forth, and each change costs a key frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rooms.live.effects import Effect, LayersWanted, Notify
from rooms.live.ids import Seconds, TrackSid
from rooms.live.layers import spatial_layers
from rooms.live.participant import Participant
from rooms.live.track import Live, Track

LOWERING_SECONDS: Seconds = 6.0


@dataclass(slots=True)
class Dynacast:
    """`told` is how many layers, from the least, each publisher was last asked for; it sends all until it is asked.

    `changed` are the tracks to look at anew, `lowering` those of which fewer are wanted, and since when that is due.
    With `enabled` false nobody is asked for anything.
    """

    enabled: bool = True
    told: dict[TrackSid, int] = field(default_factory=dict)
    changed: set[TrackSid] = field(default_factory=set)
    lowering: dict[TrackSid, Seconds] = field(default_factory=dict)

    def touch(self, track: TrackSid) -> None:
        """Somebody's wish for this track, or the track, has changed."""
        if self.enabled:
            self.changed.add(track)

    def renegotiated(self, track: TrackSid) -> None:
        """The publisher sends all its layers again, however many there are now."""
        self.told.pop(track, None)
        self.touch(track)

    def forget(self, track: TrackSid) -> None:
        self.told.pop(track, None)
        self.changed.discard(track)
        self.lowering.pop(track, None)

    def compare(self, now: Seconds, track: Track, wanted: int) -> list[Effect]:
        """Ask for more at once, and begin to wait with asking for less."""
        self.changed.discard(track.sid)
        told = self.told.get(track.sid, sent(track))
        if wanted < told:
            self.lowering.setdefault(track.sid, now + LOWERING_SECONDS)
            return []
        self.lowering.pop(track.sid, None)
        return self._ask(track, wanted) if wanted > told else []

    def due(self, now: Seconds) -> list[TrackSid]:
        """Of which tracks less has been wanted for long enough."""
        return [track for track, at in self.lowering.items() if at <= now]

    def lower(self, track: Track, wanted: int) -> list[Effect]:
        del self.lowering[track.sid]
        return self._ask(track, wanted)

    def deadline(self) -> Seconds | None:
        return min(self.lowering.values(), default=None)

    def _ask(self, track: Track, wanted: int) -> list[Effect]:
        assert isinstance(track.media, Live), "only live tracks are sent"
        self.told[track.sid] = wanted
        mime_type = track.media.parameters.codecs[0].mime_type
        return [Notify(track.publisher, LayersWanted(track.sid, mime_type, wanted=wanted, sent=sent(track)))]


def sent(track: Track) -> int:
    """How many layers the publisher sends if all are wanted."""
    return spatial_layers(track.media.parameters, track.layers) if isinstance(track.media, Live) else 0


def wanted(track: Track, subscribers: Iterable[Participant]) -> int:
    """How many layers, from the least, the subscribers of `track` look at together; those who hide it look at none."""
    chosen = (subscriber.subscriptions.current.get(track.sid) for subscriber in subscribers)
    return max((one.spatial_layer + 1 for one in chosen if one is not None and not one.paused), default=0)
