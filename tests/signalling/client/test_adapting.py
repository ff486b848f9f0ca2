from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from media import events as media
from signalling.client.session import Mode
from tests.signalling.client.clinic import Clinic

LAYERS = [
    models.VideoLayer(quality=models.VideoQuality.LOW, width=320, height=180),
    models.VideoLayer(quality=models.VideoQuality.MEDIUM, width=640, height=360),
    models.VideoLayer(quality=models.VideoQuality.HIGH, width=1280, height=720),
]


@pytest.mark.parametrize("mode", ["dual", "single"])
def test_a_video_the_link_does_not_carry_is_said_to_be_paused_and_to_go_on(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai", mode)
    sid = lan.publishes("cam", "video")
    if mode == "single":
        mai.receives_on_new_sections(1, 1)
        mai.offers()
    mai.settles()
    [consumer] = clinic.core.consumers
    for paused, state in ((True, rtc.StreamState.PAUSED), (False, rtc.StreamState.ACTIVE)):
        clinic.reports(media.ConsumerStreamState(transport=mai.downlink, consumer=consumer, paused=paused))
        [told] = mai.last("stream_state_update").stream_states
        assert (told.participant_sid, told.track_sid, told.state) == (lan.sid, sid, state)
    assert lan.all("stream_state_update") == []


def test_what_the_core_says_of_a_consumer_that_is_gone_reaches_nobody() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video")
    mai.settles()
    [consumer] = clinic.core.consumers
    mai.says(subscription=rtc.UpdateSubscription(track_sids=[sid], subscribe=False))
    clinic.reports(media.ConsumerStreamState(transport=mai.downlink, consumer=consumer, paused=True))
    assert mai.all("stream_state_update") == []


def test_a_pause_that_was_missed_is_told_at_the_return() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    mai.settles()
    [consumer] = clinic.core.consumers
    mai.loses_connection()
    clinic.reports(media.ConsumerStreamState(transport=mai.downlink, consumer=consumer, paused=True))
    mai.comes_back()
    assert mai.last("stream_state_update").stream_states[0].state == rtc.StreamState.PAUSED


def test_a_publisher_is_asked_for_the_sizes_that_are_looked_at_in_old_words_and_new() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video", layers=LAYERS, simulcast_codecs=[])
    mai.settles()
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], disabled=True))
    clinic.wait(30)
    asked = lan.last("subscribed_quality_update")
    assert asked.track_sid == sid
    [codec] = asked.subscribed_codecs
    assert codec.codec == "vp8"
    low, medium, high = models.VideoQuality.LOW, models.VideoQuality.MEDIUM, models.VideoQuality.HIGH
    for qualities in (codec.qualities, asked.subscribed_qualities):
        assert [(one.quality, one.enabled) for one in qualities] == [(low, False), (medium, False), (high, False)]
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], width=320, height=180))
    clinic.wait(1)
    assert [one.enabled for one in lan.last("subscribed_quality_update").subscribed_qualities] == [True, True, True]


def test_frames_and_priority_that_a_client_asks_for_reach_the_core() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video")
    mai.settles()
    [consumer] = clinic.core.consumers
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], width=320, height=180, fps=15, priority=1))
    clinic.wait(1)
    assert clinic.core.asked[-1] == cmd.SetConsumer(
        consumer=consumer, paused=False, spatial_layer=0, temporal_layer=1, priority=140
    )
