"""How many of everything a room holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from media.parameters import MediaKind
from rooms.live.info import ConnectionQuality
from rooms.live.state import RoomState
from rooms.live.track import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """Of one room, or of several together. Hidden participants count; those whose link was not measured yet have no
    quality. A subscription is one track on its way to one participant.
    """

    participants: int = 0
    tracks: Counter[MediaKind] = field(default_factory=Counter)
    subscriptions: Counter[MediaKind] = field(default_factory=Counter)
    qualities: Counter[ConnectionQuality] = field(default_factory=Counter)

    @classmethod
    def of(cls, state: RoomState) -> Self:
        tracks: Counter[MediaKind] = Counter()
        subscriptions: Counter[MediaKind] = Counter()
        for participant in state.participants.values():
            for track in participant.tracks.values():
                if isinstance(track.media, Live):
                    tracks[track.request.kind] += 1
                    subscriptions[track.request.kind] += len(track.media.subscribers)
        return cls(
            participants=len(state.participants),
            tracks=tracks,
            subscriptions=subscriptions,
            qualities=Counter(report.quality for report in state.qualities.latest().values()),
        )

    def __add__(self, other: Self) -> Census:
        return Census(
            participants=self.participants + other.participants,
            tracks=self.tracks + other.tracks,
            subscriptions=self.subscriptions + other.subscriptions,
            qualities=self.qualities + other.qualities,
        )
