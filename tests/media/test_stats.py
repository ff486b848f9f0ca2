"""What is known of the core's side of a call, and that it is forgotten in time."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from media.commands import (
    AddConsumer,
    AddProducer,
    CloseTransport,
    CreateTransport,
    RemoveConsumer,
    RemoveProducer,
    SetConsumer,
)
from media.events import ConsumerLayerChanged, ConsumerStreamState, ProducerStarted, TransportFailed, TransportStats
from media.parameters import (
    ConsumerId,
    ConsumerParameters,
    IceParameters,
    ProducerId,
    ProducerParameters,
    RtpCodecParameters,
    RtpEncodingParameters,
    TransportId,
)
from media.stats import LatestStats, drops, kept

ICE = IceParameters(username_fragment="uuuu", password="p" * 24)
SENT = ConsumerParameters(mid="1", ssrc=1, rtx_ssrc=None, cname="c", payload_types=(), header_extensions=())
PUBLISHED = ProducerParameters(
    kind="video",
    mid="0",
    codecs=(RtpCodecParameters(mime_type="video/VP8", payload_type=96, clock_rate=90_000),),
    header_extensions=(),
    encodings=(RtpEncodingParameters(rid="q"), RtpEncodingParameters(rid="f")),
)
WARD, CLINIC = TransportId(1), TransportId(2)
CAMERA, VIEW = ProducerId(10), ConsumerId(20)


def report(transport: int, available: int | None = None, sent: int = 0) -> TransportStats:
    return TransportStats(
        transport=transport,
        uplink_loss=0.0,
        downlink_loss=0.02,
        round_trip_time_ms=40.0,
        jitter_ms=2.0,
        bytes_received=1,
        bytes_sent=sent,
        packets_received=3,
        packets_sent=4,
        available_outgoing_bitrate_bps=available,
        desired_outgoing_bitrate_bps=2_000_000,
        allocated_outgoing_bitrate_bps=available or 2_000_000,
    )


def viewing() -> LatestStats:
    """The clinic looks at the ward's camera."""
    stats = LatestStats()
    stats.asked(
        [
            CreateTransport(transport=WARD, ice=ICE),
            CreateTransport(transport=CLINIC, ice=ICE),
            AddProducer(producer=CAMERA, transport=WARD, parameters=PUBLISHED),
            AddConsumer(
                consumer=VIEW, transport=CLINIC, producer=CAMERA, parameters=SENT, paused=False, spatial_layer=1
            ),
        ]
    )
    return stats


def test_the_latest_word_of_the_core_counts() -> None:
    stats = viewing()
    stats.handle([ProducerStarted(producer=CAMERA, spatial_layer=0), report(CLINIC, 900_000), report(CLINIC, 300_000)])
    stats.handle([ConsumerLayerChanged(consumer=VIEW, spatial_layer=0)])
    told = stats.transport(CLINIC)
    assert told is not None
    assert told.available_outgoing_bitrate_bps == 300_000
    [view] = stats.consumers(CLINIC)
    assert (view.producer, view.asked.spatial_layer, view.spatial_layer, view.starved) == (CAMERA, 1, 0, False)
    assert stats.layers(CAMERA) == {0}

    stats.asked([SetConsumer(consumer=VIEW, paused=True, spatial_layer=0)])
    stats.handle([ConsumerStreamState(transport=CLINIC, consumer=VIEW, paused=True)])
    [view] = stats.consumers(CLINIC)
    assert (view.asked.paused, view.starved) == (True, True)


def test_two_reports_make_a_rate() -> None:
    stats = viewing()
    stats.handle([report(CLINIC, sent=1_000)])
    assert stats.rates(CLINIC) is None
    stats.handle([report(CLINIC, sent=188_500)])
    rates = stats.rates(CLINIC)
    assert rates is not None
    assert (rates.sent_bps, rates.received_bps) == (300_000, 0)


def test_what_the_core_says_of_somebody_who_has_left_is_not_kept() -> None:
    stats = viewing()
    stats.asked([CloseTransport(transport=CLINIC), RemoveProducer(producer=CAMERA)])
    stats.handle([report(CLINIC), ConsumerLayerChanged(consumer=VIEW, spatial_layer=0)])
    stats.handle([ProducerStarted(producer=CAMERA, spatial_layer=0)])
    assert stats.transport(CLINIC) is None
    assert stats.consumers(CLINIC) == []
    assert stats.layers(CAMERA) == frozenset()


def test_drops_stand_apart_by_their_reason() -> None:
    counters = {"packets_sent": 7, "dropped_bad_tag": 2, "dropped_stun_integrity": 1}
    assert drops(counters) == {"bad_tag": 2, "stun_integrity": 1}
    assert kept(counters) == {"packets_sent": 7}


class AnyOrder(RuleBasedStateMachine):
    """Whatever is asked and told, in whatever order: once all transports are gone, nothing is held any more."""

    ids = st.integers(1, 3)

    def __init__(self) -> None:
        super().__init__()
        self.stats = LatestStats()
        self.open: set[int] = set()

    @rule(number=ids)
    def opens(self, number: int) -> None:
        if number not in self.open:
            self.open.add(number)
            self.stats.asked([CreateTransport(transport=TransportId(number), ice=ICE)])

    @rule(number=ids, failed=st.booleans())
    def ends(self, number: int, *, failed: bool) -> None:
        self.open.discard(number)
        if failed:
            self.stats.handle([TransportFailed(transport=number, reason="timeout")])
        else:
            self.stats.asked([CloseTransport(transport=TransportId(number))])

    @rule(number=ids, transport=ids)
    def adds(self, number: int, transport: int) -> None:
        producer, consumer, on = ProducerId(number), ConsumerId(number), TransportId(transport)
        taken = {stats.asked.consumer for stats in self.stats.all_consumers()}
        if consumer not in taken:
            add = AddConsumer(
                consumer=consumer, transport=on, producer=producer, parameters=SENT, paused=False, spatial_layer=0
            )
            self.stats.asked([AddProducer(producer=producer, transport=on, parameters=PUBLISHED), add])

    @rule(number=ids)
    def removes(self, number: int) -> None:
        self.stats.asked([RemoveConsumer(consumer=ConsumerId(number)), RemoveProducer(producer=ProducerId(number))])

    @rule(number=ids)
    def tells(self, number: int) -> None:
        self.stats.handle(
            [
                report(number),
                ConsumerLayerChanged(consumer=number, spatial_layer=0),
                ProducerStarted(producer=number, spatial_layer=0),
            ]
        )

    @invariant()
    def nobody_is_sent_anything_on_a_closed_transport(self) -> None:
        assert {stats.transport for stats in self.stats.all_consumers()} <= self.open
        for number in {1, 2, 3} - self.open:
            assert self.stats.transport(TransportId(number)) is None
        if not self.open:
            assert not any(self.stats.layers(ProducerId(number)) for number in (1, 2, 3))


TestAnyOrder = AnyOrder.TestCase
