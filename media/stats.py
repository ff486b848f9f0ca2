"""What the core has said last about each transport and consumer, and how its totals are called.

Totals stand under their W3C webrtc-stats names (https://www.w3.org/TR/webrtc-stats/) in snake_case where one exists;
what was dropped stands under `dropped_<reason>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from media._core import WorkerStatistics
from media.commands import (
    AddConsumer,
    AddProducer,
    CloseTransport,
    Command,
    CreateTransport,
    RemoveConsumer,
    RemoveProducer,
    SetConsumer,
)
from media.events import (
    ConsumerLayerChanged,
    ConsumerStreamState,
    Event,
    ProducerStarted,
    TransportFailed,
    TransportStats,
)
from media.parameters import ConsumerId, ProducerId, TransportId

__all__ = [
    "REPORT_SECONDS",
    "ConsumerStats",
    "LatestStats",
    "Rates",
    "WorkerStatistics",
    "drops",
    "kept",
]

REPORT_SECONDS = 5.0
"""How often the core reports on each transport."""

_DROPPED = "dropped_"


def drops(counters: Mapping[str, int]) -> dict[str, int]:
    """Packets, datagrams and messages that came to nothing, by reason."""
    return {name.removeprefix(_DROPPED): count for name, count in counters.items() if name.startswith(_DROPPED)}


def kept(counters: Mapping[str, int]) -> dict[str, int]:
    """All other totals."""
    return {name: count for name, count in counters.items() if not name.startswith(_DROPPED)}


@dataclass(slots=True)
class ConsumerStats:
    """One track on its way to one subscriber: what was asked of the core, and what came of it.

    `encodings` are as many as its producer has: of one that carries all layers, one. `spatial_layer` is the encoding
    forwarded now, None while nothing is. `starved` while the link does not carry even the least layer.
    `reports_before_wish` are as many as its transport had made when, with the last wish fulfilled, more was asked for:
    what they say of the link, they do not say of this wish.
    """

    transport: TransportId
    producer: ProducerId
    asked: AddConsumer | SetConsumer
    encodings: int
    reports_before_wish: int
    spatial_layer: int | None = None
    starved: bool = False

    @property
    def has_what_it_wished(self) -> bool:
        if self.asked.paused:
            return True
        return self.spatial_layer is not None and self.spatial_layer >= self.asked.spatial_layer


@dataclass(frozen=True, slots=True)
class Rates:
    """Media of one transport between its last two reports, in bit/s, as encrypted."""

    received_bps: float
    sent_bps: float


@dataclass(slots=True)
class _Held:
    """What hangs on one transport, and what it reported last and before."""

    stats: TransportStats | None = None
    before: TransportStats | None = None
    reports: int = 0
    consumers: set[ConsumerId] = field(default_factory=set)
    producers: set[ProducerId] = field(default_factory=set)


@dataclass(slots=True)
class LatestStats:
    """Learns by listening on both sides of the core, and forgets what is gone: it holds no more than the core does."""

    _transports: dict[TransportId, _Held] = field(default_factory=dict)
    _consumers: dict[ConsumerId, ConsumerStats] = field(default_factory=dict)
    _layers: dict[ProducerId, set[int]] = field(default_factory=dict)
    _encodings: dict[ProducerId, int] = field(default_factory=dict)

    def transport(self, transport: TransportId) -> TransportStats | None:
        """Its last report; None before the first."""
        held = self._transports.get(transport)
        return None if held is None else held.stats

    def rates(self, transport: TransportId) -> Rates | None:
        """None before its second report."""
        held = self._transports.get(transport)
        if held is None or held.stats is None or held.before is None:
            return None
        bits_per_byte_and_second = 8 / REPORT_SECONDS
        return Rates(
            received_bps=(held.stats.bytes_received - held.before.bytes_received) * bits_per_byte_and_second,
            sent_bps=(held.stats.bytes_sent - held.before.bytes_sent) * bits_per_byte_and_second,
        )

    def has_reported_since_wish(self, consumer: ConsumerStats) -> bool:
        """Whether the last report on the consumer's transport was made with its present wish in mind."""
        return self._transports[consumer.transport].reports > consumer.reports_before_wish

    def consumers(self, transport: TransportId) -> list[ConsumerStats]:
        """All that is sent on it."""
        held = self._transports.get(transport)
        return [] if held is None else [self._consumers[consumer] for consumer in sorted(held.consumers)]

    def all_consumers(self) -> Iterable[ConsumerStats]:
        return self._consumers.values()

    def layers(self, producer: ProducerId) -> frozenset[int]:
        """The spatial layers of which a packet has ever come."""
        return frozenset(self._layers.get(producer, ()))

    def asked(self, commands: Iterable[Command]) -> None:
        """The core was asked for these."""
        for command in commands:
            match command:
                case CreateTransport(transport=transport):
                    self._transports[transport] = _Held()
                case CloseTransport(transport=transport):
                    self._forget(transport)
                case AddProducer(producer=producer, transport=transport) if transport in self._transports:
                    self._transports[transport].producers.add(producer)
                    self._layers.setdefault(producer, set())
                    self._encodings[producer] = len(command.parameters.encodings)
                case RemoveProducer(producer=producer):
                    self._forget_producer(producer)
                case AddConsumer(consumer=consumer, transport=transport) if transport in self._transports:
                    held = self._transports[transport]
                    held.consumers.add(consumer)
                    encodings = self._encodings.get(command.producer, 1)
                    told = ConsumerStats(transport, command.producer, command, encodings, held.reports)
                    self._consumers[consumer] = told
                case SetConsumer(consumer=consumer) if consumer in self._consumers:
                    told = self._consumers[consumer]
                    if told.has_what_it_wished and _wishes_for_more(told.asked, command):
                        told.reports_before_wish = self._transports[told.transport].reports
                    told.asked = command
                case RemoveConsumer(consumer=consumer) if consumer in self._consumers:
                    self._transports[self._consumers.pop(consumer).transport].consumers.discard(consumer)
                case _:
                    pass

    def handle(self, events: Iterable[Event]) -> None:
        """The core has told these; some may be of what was closed meanwhile."""
        for event in events:
            match event:
                case TransportStats(transport) if transport in self._transports:
                    held = self._transports[TransportId(transport)]
                    held.stats, held.before = event, held.stats
                    held.reports += 1
                case ConsumerLayerChanged(consumer, spatial_layer) if consumer in self._consumers:
                    self._consumers[ConsumerId(consumer)].spatial_layer = spatial_layer
                case ConsumerStreamState(_, consumer, paused) if consumer in self._consumers:
                    self._consumers[ConsumerId(consumer)].starved = paused
                case ProducerStarted(producer, spatial_layer) if producer in self._layers:
                    self._layers[ProducerId(producer)].add(spatial_layer)
                case TransportFailed(transport):
                    self._forget(TransportId(transport))
                case _:
                    pass

    def _forget(self, transport: TransportId) -> None:
        held = self._transports.pop(transport, _Held())
        for consumer in held.consumers:
            self._consumers.pop(consumer, None)
        for producer in held.producers:
            self._forget_producer(producer)

    def _forget_producer(self, producer: ProducerId) -> None:
        self._layers.pop(producer, None)
        self._encodings.pop(producer, None)


def _wishes_for_more(before: AddConsumer | SetConsumer, now: SetConsumer) -> bool:
    """A priority alone changes with every speaker, and is no wish."""
    return not now.paused and (before.paused or now.spatial_layer > before.spatial_layer)
