"""What one participant may do in one room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TrackSource(StrEnum):
    UNKNOWN = "unknown"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN_SHARE = "screen_share"
    SCREEN_SHARE_AUDIO = "screen_share_audio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The grants that matter inside a room; defaults are those of a token that does not name them.

    `can_publish_sources`, where not empty, takes the place of `can_publish` for deciding what may be published.
    `hidden` means that nobody else learns of this participant; `recorder` that the room counts as being recorded.
    """

    can_subscribe: bool = True
    can_publish: bool = True
    can_publish_data: bool = True
    can_publish_sources: frozenset[TrackSource] = frozenset()
    can_update_own_metadata: bool = False
    can_subscribe_metrics: bool = False
    hidden: bool = False
    recorder: bool = False
    agent: bool = False

    def may_publish(self, source: TrackSource) -> bool:
        if self.can_publish_sources:
            return source in self.can_publish_sources
        return self.can_publish

    @property
    def may_publish_something(self) -> bool:
        return bool(self.can_publish_sources) or self.can_publish
