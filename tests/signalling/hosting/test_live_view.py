"""Why somebody gets a layer that is not the one they wished for."""

from __future__ import annotations

from media.commands import AddConsumer, AddProducer, CreateTransport, SetConsumer
from media.events import ConsumerLayerChanged, ProducerStarted
from media.parameters import ConsumerId, ConsumerParameters, IceParameters, TransportId
from media.stats import LatestStats
from rooms.live.events import ChangeTrackSettings, TrackSettings
from rooms.live.ids import Identity
from signalling.hosting.live_answers import Received
from signalling.hosting.live_view import Transports, participant_view
from tests.rooms.stage import CAMERA, Stage, parameters
from tests.signalling.metrics.figures import report

LAN, MAI, VIEW = TransportId(1), TransportId(2), ConsumerId(1)
ICE = IceParameters(username_fragment="uuuu", password="p" * 24)
SENT = ConsumerParameters(mid="1", ssrc=1, rtx_ssrc=None, cname="c", payload_types=(), header_extensions=())


class Watching:
    """Mai watches Lan's camera, of three layers in `encodings` streams, and wishes for the best."""

    def __init__(self, encodings: int = 3) -> None:
        self.stage = Stage()
        self.mai = self.stage.enters("mai")
        lan = self.stage.enters("lan")
        self.track = lan.publishes(CAMERA)
        self.producer = self.stage.producers[self.track]
        self.stats = LatestStats()
        self.stats.asked(
            [
                CreateTransport(transport=LAN, ice=ICE),
                CreateTransport(transport=MAI, ice=ICE),
                AddProducer(producer=self.producer, transport=LAN, parameters=parameters("video", encodings)),
                AddConsumer(
                    consumer=VIEW,
                    transport=MAI,
                    producer=self.producer,
                    parameters=SENT,
                    paused=False,
                    spatial_layer=2,
                ),
            ]
        )

    def is_given(self, allocated: int, *, of: int) -> None:
        told = report(transport=MAI, desired_outgoing_bitrate_bps=of, allocated_outgoing_bitrate_bps=allocated)
        self.stats.handle([told])

    def publishes(self, layer: int) -> None:
        self.stats.handle([ProducerStarted(producer=self.producer, spatial_layer=layer)])

    def wishes_for(self, layer: int, *, priority: int = 0) -> None:
        self.stats.asked([SetConsumer(consumer=VIEW, paused=False, spatial_layer=layer, priority=priority)])

    def is_sent(self, layer: int) -> None:
        self.stats.handle([ConsumerLayerChanged(consumer=VIEW, spatial_layer=layer)])

    @property
    def seen(self) -> Received:
        observed = next(each for each in self.stage.room.observed(Identity(""), 100) if each.info.sid == self.mai.sid)
        receives = participant_view(observed, Transports(MAI, MAI), self.stats)["receives"]
        assert receives is not None
        return receives[0]


def test_the_best_layer_that_comes_is_no_question_of_the_link() -> None:
    watching = Watching()
    watching.is_sent(0)
    watching.is_given(160_000, of=160_000)
    assert (watching.seen["layer"], watching.seen["wanted_layer"], watching.seen["reason"]) == (0, 2, "not_published")


def test_a_better_layer_for_which_there_is_no_room_is() -> None:
    watching = Watching()
    watching.is_sent(1)
    watching.is_given(450_000, of=1_700_000)
    assert (watching.seen["layer"], watching.seen["reason"]) == (1, "bandwidth")
    watching.is_sent(2)
    assert watching.seen["reason"] == "wish"


def test_a_small_picture_is_a_small_wish() -> None:
    watching = Watching()
    settings = TrackSettings(width=320, height=180)
    watching.mai.does(ChangeTrackSettings(participant=watching.mai.sid, tracks=(watching.track,), settings=settings))
    watching.stage.wait(1)
    watching.stats.asked([SetConsumer(consumer=VIEW, paused=False, spatial_layer=0)])
    watching.is_sent(0)
    seen = watching.seen
    assert (seen["wanted_layer"], seen["layer"], seen["width"], seen["height"], seen["reason"]) == (
        0,
        0,
        320,
        180,
        "wish",
    )


def test_a_better_layer_asked_for_just_now_is_on_its_way_until_the_core_has_reported() -> None:
    watching = Watching()
    watching.publishes(2)
    watching.wishes_for(0)
    watching.is_sent(0)
    watching.is_given(160_000, of=300_000)
    watching.wishes_for(1)
    watching.wishes_for(2)
    assert watching.seen["reason"] == "switching"
    watching.is_given(450_000, of=1_700_000)
    assert watching.seen["reason"] == "bandwidth"
    watching.is_sent(2)
    assert watching.seen["reason"] == "wish"


def test_a_link_too_thin_for_the_wish_before_is_not_taken_to_carry_a_better_one() -> None:
    watching = Watching()
    watching.publishes(2)
    watching.wishes_for(1)
    watching.is_sent(0)
    watching.is_given(160_000, of=450_000)
    watching.wishes_for(2)
    assert watching.seen["reason"] == "bandwidth"


def test_whoever_speaks_meanwhile_does_not_make_a_thin_link_look_like_a_switch() -> None:
    watching = Watching()
    watching.publishes(2)
    watching.is_sent(1)
    watching.is_given(450_000, of=1_700_000)
    watching.wishes_for(2, priority=80)
    assert watching.seen["reason"] == "bandwidth"


def test_a_better_layer_that_never_came_is_not_switched_to() -> None:
    watching = Watching()
    watching.wishes_for(0)
    watching.is_sent(0)
    watching.is_given(160_000, of=160_000)
    watching.wishes_for(2)
    assert watching.seen["reason"] == "not_published"


def test_of_layers_within_one_stream_the_link_is_named_where_it_is_thin() -> None:
    watching = Watching(encodings=1)
    watching.is_sent(0)
    watching.is_given(1_700_000, of=1_700_000)
    assert watching.seen["reason"] == "wish"
    watching.is_given(450_000, of=1_700_000)
    assert watching.seen["reason"] == "bandwidth"
