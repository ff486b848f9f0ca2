"""All that is exported: what is read at each scrape, and what is noted as it happens.

No label is ever a name that a person or a room has: figures are kept for years by people who are not on the ward.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media.events import Event, TransportStats
from media.stats import WorkerStatistics
from rooms.live.effects import Fact, FactKind
from rooms.live.ids import Seconds
from rooms.live.info import DisconnectReason
from signalling.client.websocket import Way
from signalling.hosting.census import NodeCensus
from signalling.metrics import core_families

PREFIX = "hoichan_"

_JOIN_SECONDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20)
_LAG_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
_ROUND_TRIP_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.5, 3)
_JITTER_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
_LOSS_RATIOS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_RATIOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0)
_BITS_PER_SECOND = (3e4, 6e4, 1e5, 2e5, 3e5, 5e5, 8e5, 1.2e6, 2e6, 3e6, 5e6, 8e6, 1.5e7, 3e7)

_Label = TypeVar("_Label", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the figures are read at a scrape; none of them waits. `thread_cpu` is the event loop's own CPU time."""

    version: str
    counters: Callable[[], Mapping[str, int]]
    workers: Callable[[], Sequence[WorkerStatistics]]
    waiting_commands: Callable[[], int]
    census: Callable[[], NodeCensus]
    events: Mapping[str, int]
    messages: Mapping[tuple[Way, str], int]
    webhooks: Mapping[str, int]
    thread_cpu: Callable[[], Seconds] = time.thread_time


class Exporter:
    """Everything about one server, under a registry of its own."""

    def __init__(self, sources: Sources) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Scraped(sources))
        self._happenings: Counter[FactKind] = Counter()
        self._departures: Counter[DisconnectReason] = Counter()
        self._registry.register(_Noted(self._happenings, self._departures))
        self._join = self._histogram("join_seconds", "From taking a seat to the first media.", _JOIN_SECONDS)
        self._lag = self._histogram("event_loop_lag_seconds", "How late the event loop does what is due.", _LAG_SECONDS)
        self._round_trip = self._histogram("round_trip_time_seconds", "To each client, each 5 s.", _ROUND_TRIP_SECONDS)
        self._jitter = self._histogram("jitter_seconds", "Of what each client sends, each 5 s.", _JITTER_SECONDS)
        loss = Histogram(
            f"{PREFIX}packet_loss_ratio",
            "Of each client's packets, each 5 s; up is what it sends, down what it is sent.",
            ["direction"],
            buckets=_LOSS_RATIOS,
            registry=self._registry,
        )
        self._uplink_loss, self._downlink_loss = loss.labels("up"), loss.labels("down")
        self._available = self._histogram(
            "available_outgoing_bits_per_second",
            "What the link to each client is estimated to carry, each 5 s.",
            _BITS_PER_SECOND,
        )
        self._allocated = self._histogram(
            "allocated_ratio", "Share of what each client asked for that its link is given, each 5 s.", _RATIOS
        )

    def text(self) -> bytes:
        """All of it, in Prometheus' text format (version 1.0.0)."""
        return generate_latest(self._registry)

    def lag(self, seconds: Seconds) -> None:
        """The event loop was so late."""
        self._lag.observe(seconds)

    def fact(self, fact: Fact) -> None:
        """Something happened in a room."""
        self._happenings[fact.kind] += 1
        if fact.join_seconds is not None:
            self._join.observe(fact.join_seconds)
        if fact.participant is not None and fact.participant.disconnect_reason is not None:
            self._departures[fact.participant.disconnect_reason] += 1

    def media(self, batch: Iterable[Event]) -> None:
        """The core told these."""
        for event in batch:
            if isinstance(event, TransportStats):
                self._measured(event)

    def _measured(self, stats: TransportStats) -> None:
        self._uplink_loss.observe(stats.uplink_loss)
        self._downlink_loss.observe(stats.downlink_loss)
        self._jitter.observe(stats.jitter_ms / 1000)
        if stats.round_trip_time_ms is not None:
            self._round_trip.observe(stats.round_trip_time_ms / 1000)
        if stats.available_outgoing_bitrate_bps is not None:
            self._available.observe(stats.available_outgoing_bitrate_bps)
        if stats.desired_outgoing_bitrate_bps:
            self._allocated.observe(stats.allocated_outgoing_bitrate_bps / stats.desired_outgoing_bitrate_bps)

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(PREFIX + name, documentation, buckets=buckets, registry=self._registry)


class _Scraped(Collector):
    """What is read when it is asked for."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        sources = self._sources
        build = GaugeMetricFamily(f"{PREFIX}build_info", "Always 1; the label tells what runs.", labels=["version"])
        build.add_metric([sources.version], 1)
        yield build
        yield from core_families.totals(sources.counters(), PREFIX)
        yield from core_families.workers(sources.workers(), PREFIX)
        yield from _census(sources.census())
        yield GaugeMetricFamily(
            f"{PREFIX}commands_backlog", "Commands for which no worker's queue had room.", sources.waiting_commands()
        )
        yield CounterMetricFamily(
            f"{PREFIX}event_loop_cpu_seconds", "CPU time of Python's event loop.", sources.thread_cpu()
        )
        yield from _signalling(sources)
        yield _counted("webhook_posts", "Posts to receivers of webhooks, by outcome.", "outcome", sources.webhooks)


class _Noted(Collector):
    """What was noted as it happened. What has not happened yet is there as 0, so that its first time is a rise."""

    def __init__(self, happenings: Mapping[FactKind, int], departures: Mapping[DisconnectReason, int]) -> None:
        self._happenings = happenings
        self._departures = departures

    def collect(self) -> Iterator[Metric]:
        events = {kind.value: self._happenings[kind] for kind in FactKind}
        reasons = {reason.value: self._departures[reason] for reason in DisconnectReason}
        yield _counted("room_events", "What happened in rooms, under the names of webhooks.", "event", events)
        yield _counted("departures", "Participants who left, by reason.", "reason", reasons)


def _census(census: NodeCensus) -> Iterator[Metric]:
    people = census.people
    yield GaugeMetricFamily(f"{PREFIX}rooms", "Rooms that are open.", census.rooms)
    yield GaugeMetricFamily(f"{PREFIX}participants", "Participants, hidden ones too.", people.participants)
    yield _gauged("tracks", "Tracks that are published.", "kind", people.tracks)
    yield _gauged("subscriptions", "Tracks that are sent to somebody, once for each.", "kind", people.subscriptions)
    yield GaugeMetricFamily(
        f"{PREFIX}starved_subscriptions", "Videos held back because a link does not carry them.", census.starved
    )
    yield _gauged("link_participants", "Participants by how good their links are.", "quality", people.qualities)


def _signalling(sources: Sources) -> Iterator[Metric]:
    for direction, documentation in (("received", "Messages of clients."), ("sent", "Messages to clients.")):
        by_kind = {kind: count for (way, kind), count in sources.messages.items() if way == direction}
        yield _counted(f"signalling_messages_{direction}", documentation, "message", by_kind)
    yield _counted(
        "signalling_events", "What was refused, malformed or our own fault above the core.", "event", sources.events
    )


def _counted(name: str, documentation: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, documentation, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _gauged(name: str, documentation: str, label: str, values: Mapping[_Label, int]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, documentation, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
