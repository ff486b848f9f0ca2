"""Which of a track's layers serves a subscriber who shows it at some size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from media.parameters import ProducerParameters
from rooms.live.events import TrackSettings
from rooms.live.info import VideoLayer, VideoQuality

_NEAR_ENOUGH = 0.9
"""A layer of at least this share of the requested size will do: upscaling by 11 % is not seen."""


_HALF_RATE = 15
_QUARTER_RATE = 8
"""Frames a second up to which one or two of three temporal layers are left out."""

_SCALABLE_MIME_TYPES = frozenset({"video/vp9", "video/av1"})
"""Codecs of which clients send several spatial layers in one stream."""

_MOST_IN_ONE_STREAM = 3
"""Spatial layers of the modes that clients use, L3T3_KEY and less; each is twice as wide as the one below."""


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How a track is sent to one subscriber. Layers count from 0, the least; `temporal_layer` None stands for all.

    `priority` is for the core: see `priorities`.
    """

    paused: bool
    spatial_layer: int
    temporal_layer: int | None = None
    priority: int = 0


def spatial_layers(parameters: ProducerParameters, layers: Sequence[VideoLayer]) -> int:
    """How many layers a subscriber can be given: encodings, or layers within the only one.

    Of a single stream in a scalable codec that is as many as were declared. Some clients declare just its full size
    and send three; a wish for layers that there are not is one for the best.
    """
    encodings = len(parameters.encodings)
    if encodings > 1 or parameters.codecs[0].mime_type.lower() not in _SCALABLE_MIME_TYPES:
        return encodings
    return len(layers) if len(layers) > 1 else _MOST_IN_ONE_STREAM


def forwarding(settings: TrackSettings, layers: Sequence[VideoLayer], sent: int) -> Forwarding:
    """What `settings` come to for a track with `layers` as declared, of which `sent` (at least 1) can be had."""
    if len(layers) == 1 < sent:
        layers = _halvings(layers[0])
    if settings.width and settings.height and any(layer.height for layer in layers):
        wanted = _by_size(settings.width, settings.height, layers)
    else:
        wanted = _by_quality(settings, layers)
    return Forwarding(
        paused=settings.disabled, spatial_layer=min(wanted, sent - 1), temporal_layer=_by_rate(settings.fps)
    )


def _halvings(largest: VideoLayer) -> Sequence[VideoLayer]:
    """The layers of one stream of which only the largest is declared."""
    return tuple(
        replace(largest, quality=quality, width=largest.width // divisor, height=largest.height // divisor)
        for quality, divisor in ((VideoQuality.LOW, 4), (VideoQuality.MEDIUM, 2), (VideoQuality.HIGH, 1))
    )


def _by_size(width: int, height: int, layers: Sequence[VideoLayer]) -> int:
    """The smallest that is near enough, else the largest. The shorter side counts: widths for portrait video."""
    portrait = layers[-1].width < layers[-1].height
    requested = width if portrait else height
    for index, layer in enumerate(layers):
        if (layer.width if portrait else layer.height) >= _NEAR_ENOUGH * requested:
            return index
    return len(layers) - 1


def _by_rate(fps: int) -> int | None:
    """The temporal layer that brings so many of 30 frames a second; each one doubles the frames of those below."""
    if not fps or fps > _HALF_RATE:
        return None
    return 1 if fps > _QUARTER_RATE else 0


def _by_quality(settings: TrackSettings, layers: Sequence[VideoLayer]) -> int:
    """The best that is not above the wish, else the least. Two layers are commonly LOW and MEDIUM, or LOW and HIGH."""
    if not layers:
        return int(settings.quality)
    return max((index for index, layer in enumerate(layers) if layer.quality <= settings.quality), default=0)
