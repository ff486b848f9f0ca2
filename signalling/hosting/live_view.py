"""A room as an operator sees it: what the room wished for each participant, what the core made of it, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from media.events import TransportStats
from media.parameters import ProducerId, TransportId
from media.stats import ConsumerStats, LatestStats
from rooms.live.observed import ObservedParticipant, ObservedSubscription, ObservedTrack, Standing
from signalling.hosting.live_answers import Link, Participant, Published, Received

MOST_SUBSCRIPTIONS = 2_000
"""In one view: a room of 500 has half a million, and whoever looks on must not hold up the call."""


class Reason(StrEnum):
    """Why somebody gets of a track what they get."""

    WISH = "wish"
    """As the subscriber's client asked."""
    BANDWIDTH = "bandwidth"
    """The link does not carry what was asked for."""
    SWITCHING = "switching"
    """A better layer was asked for just now; the core's next report, within 5 s, tells whether the link carries it."""
    PAUSED = "paused"
    """The subscriber's client does not show it."""
    MUTED = "muted"
    """The publisher has muted it."""
    NOT_PUBLISHED = "not_published"
    """The publisher does not send that layer, or has not sent a key frame of it yet."""
    NEGOTIATING = "negotiating"
    """The client has not yet described how it takes the track."""
    UNWANTED = "unwanted"
    NOT_ALLOWED = "not_allowed"
    IMPOSSIBLE = "impossible"
    """The client cannot take the codec."""


_NOT_SENT = {
    Standing.UNWANTED: Reason.UNWANTED,
    Standing.NOT_ALLOWED: Reason.NOT_ALLOWED,
    Standing.IMPOSSIBLE: Reason.IMPOSSIBLE,
}


@dataclass(frozen=True, slots=True)
class Transports:
    """Those of one participant; they may be one and the same."""

    uplink: TransportId
    downlink: TransportId


def participant_view(observed: ObservedParticipant, transports: Transports | None, stats: LatestStats) -> Participant:
    """`transports` are None for one whose session has just ended."""
    info, quality = observed.info, observed.quality
    return Participant(
        sid=info.sid,
        identity=info.identity,
        name=info.name,
        state=info.state,
        hidden=info.permission.hidden,
        joined_at=info.joined_at,
        signal=observed.signal,
        media=observed.media,
        quality=quality.quality if quality else None,
        score=quality.score if quality else None,
        link=_link(transports, stats) if transports else None,
        publishes=[_published(track, stats) for track in observed.tracks],
        receives=_received(observed.subscriptions, transports, stats),
    )


def reason(subscription: ObservedSubscription, consumer: ConsumerStats | None, stats: LatestStats) -> Reason:
    """`consumer` is what the core makes of it, None while it was not asked."""
    if subscription.standing is not Standing.SENT:
        return _NOT_SENT[subscription.standing]
    if consumer is None:
        return Reason.NEGOTIATING
    if consumer.asked.paused:
        return Reason.PAUSED
    if subscription.track.info.muted:
        return Reason.MUTED
    return Reason.BANDWIDTH if consumer.starved else _reason_for_layer(consumer, stats)


def _reason_for_layer(consumer: ConsumerStats, stats: LatestStats) -> Reason:
    """Which layer within a stream is sent, the core does not tell: there, a thin link is taken for the reason."""
    if consumer.spatial_layer is None:
        return Reason.NOT_PUBLISHED
    best = min(consumer.asked.spatial_layer, consumer.encodings - 1)
    is_new = consumer.spatial_layer < best and not stats.has_reported_since_wish(consumer)
    if is_new and best in stats.layers(consumer.producer):
        return Reason.SWITCHING
    told = stats.transport(consumer.transport)
    is_thin = told is not None and told.allocated_outgoing_bitrate_bps < told.desired_outgoing_bitrate_bps
    has_layers_within = consumer.encodings == 1 and consumer.asked.spatial_layer > 0
    if consumer.spatial_layer < best:
        return Reason.BANDWIDTH if is_thin else Reason.NOT_PUBLISHED
    return Reason.BANDWIDTH if is_thin and has_layers_within else Reason.WISH


def _link(transports: Transports, stats: LatestStats) -> Link | None:
    up, down = stats.transport(transports.uplink), stats.transport(transports.downlink)
    told = down or up
    if told is None:
        return None
    rates_up, rates_down = stats.rates(transports.uplink), stats.rates(transports.downlink)
    return Link(
        round_trip_time_ms=_round_trip(down, up),
        uplink_loss=(up or told).uplink_loss,
        downlink_loss=(down or told).downlink_loss,
        jitter_ms=(up or told).jitter_ms,
        available_outgoing_bitrate_bps=told.available_outgoing_bitrate_bps,
        desired_outgoing_bitrate_bps=told.desired_outgoing_bitrate_bps,
        allocated_outgoing_bitrate_bps=told.allocated_outgoing_bitrate_bps,
        received_bps=rates_up.received_bps if rates_up else None,
        sent_bps=rates_down.sent_bps if rates_down else None,
    )


def _round_trip(*reports: TransportStats | None) -> float | None:
    """The first that is known."""
    known = (report.round_trip_time_ms for report in reports if report is not None)
    return next((round_trip for round_trip in known if round_trip is not None), None)


def _published(track: ObservedTrack, stats: LatestStats) -> Published:
    info = track.info
    return Published(
        track=info.sid,
        kind=info.kind,
        source=info.source,
        mime_type=info.mime_type,
        muted=info.muted,
        layers=sorted(stats.layers(track.producers[0])),
        layers_offered=max(len(info.layers), 1),
        subscribers=track.subscribers,
    )


def _received(
    subscriptions: Sequence[ObservedSubscription] | None, transports: Transports | None, stats: LatestStats
) -> list[Received] | None:
    if subscriptions is None:
        return None
    on_the_way = {each.producer: each for each in stats.consumers(transports.downlink)} if transports else {}
    return [_one_received(subscription, on_the_way, stats) for subscription in subscriptions]


def _one_received(
    subscription: ObservedSubscription, on_the_way: Mapping[ProducerId, ConsumerStats], stats: LatestStats
) -> Received:
    track, settings, wish = subscription.track, subscription.settings, subscription.forwarding
    consumer = next((on_the_way[producer] for producer in track.producers if producer in on_the_way), None)
    return Received(
        track=track.info.sid,
        publisher=track.publisher,
        kind=track.info.kind,
        source=track.info.source,
        reason=reason(subscription, consumer, stats),
        wanted_layer=wish.spatial_layer if wish and not wish.paused else None,
        layer=consumer.spatial_layer if consumer else None,
        width=settings.width if settings else 0,
        height=settings.height if settings else 0,
        priority=consumer.asked.priority if consumer else 0,
    )
