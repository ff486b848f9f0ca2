"""Which of a track's layers serves a subscriber who shows it at some size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.live.events import TrackSettings
from rooms.live.info import VideoLayer

_NEAR_ENOUGH = 0.9
"""A layer of at least this share of the requested size will do: upscaling by 11 % is not seen."""


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How a track is sent to one subscriber. `spatial_layer` counts from 0, the least."""

    paused: bool
    spatial_layer: int


def forwarding(settings: TrackSettings, layers: Sequence[VideoLayer], spatial_layers: int) -> Forwarding:
    """What `settings` come to for a track with `layers` as declared and `spatial_layers` as negotiated (at least 1)."""
    if settings.width and settings.height and any(layer.height for layer in layers):
        wanted = _by_size(settings.width, settings.height, layers)
    else:
        wanted = _by_quality(settings, layers)
    return Forwarding(paused=settings.disabled, spatial_layer=min(wanted, spatial_layers - 1))


def _by_size(width: int, height: int, layers: Sequence[VideoLayer]) -> int:
    """The smallest that is near enough, else the largest. The shorter side counts: widths for portrait video."""
    portrait = layers[-1].width < layers[-1].height
    requested = width if portrait else height
    for index, layer in enumerate(layers):
        if (layer.width if portrait else layer.height) >= _NEAR_ENOUGH * requested:
            return index
    return len(layers) - 1


def _by_quality(settings: TrackSettings, layers: Sequence[VideoLayer]) -> int:
    """The best that is not above the wish, else the least. Two layers are commonly LOW and MEDIUM, or LOW and HIGH."""
    if not layers:
        return int(settings.quality)
    return max((index for index, layer in enumerate(layers) if layer.quality <= settings.quality), default=0)
