"""Tracks whose spatial layers travel in one stream: sizes and qualities mean the same as with simulcast."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media.parameters import ProducerId, RtpCodecParameters
from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.info import TrackRequest, VideoQuality
from tests.rooms.stage import CAMERA, Person, Stage, parameters


def publishes(stage: Stage, person: Person, mime_type: str, request: TrackRequest = CAMERA) -> None:
    """One encoding of this codec."""
    track = person.declares(request)
    codec = RtpCodecParameters(mime_type=mime_type, payload_type=98, clock_rate=90_000)
    stage.happens(
        ev.TrackNegotiated(
            participant=person.sid,
            track=track,
            producer=ProducerId(1),
            parameters=replace(parameters("video"), codecs=(codec,)),
        )
    )


def layer_for(person: Person, settings: ev.TrackSettings) -> int:
    """The layer that is sent to somebody with these settings."""
    subscribed = person.last(fx.Subscribed)
    person.does(ev.ChangeTrackSettings(participant=person.sid, tracks=(subscribed.track.sid,), settings=settings))
    person.stage.wait(1)
    changes = person.notices(fx.ForwardingChanged)
    return changes[-1].spatial_layer if changes else subscribed.spatial_layer


LITTLE = ev.TrackSettings(width=320, height=180)
MEDIUM = ev.TrackSettings(quality=VideoQuality.MEDIUM)
LARGE = ev.TrackSettings(width=1280, height=720)


@pytest.mark.parametrize("mime_type", ["video/VP9", "video/AV1"])
def test_what_is_shown_small_is_sent_small(mime_type: str) -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    publishes(stage, lan, mime_type)
    assert mai.last(fx.Subscribed).spatial_layer == 2
    assert [layer_for(mai, settings) for settings in (LITTLE, MEDIUM, LARGE)] == [0, 1, 2]


def test_a_client_that_declares_only_the_full_size_is_taken_to_send_halves_too() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    publishes(stage, lan, "video/VP9", replace(CAMERA, layers=CAMERA.layers[-1:]))
    assert [layer_for(mai, settings) for settings in (LITTLE, MEDIUM, LARGE)] == [0, 1, 2]


def test_a_single_stream_of_another_codec_has_but_one_layer() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    publishes(stage, lan, "video/H264")
    assert [layer_for(mai, settings) for settings in (LITTLE, MEDIUM, LARGE)] == [0, 0, 0]
