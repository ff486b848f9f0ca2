"""A camera in VP9 or AV1, viewers who cannot take that, and the second codec that their publisher sends for them."""

from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from signalling.client.sdp import Receive, parse, write_answer
from signalling.client.sdp.codecs import CODECS
from tests.signalling.client.clinic import Client, Clinic
from tests.signalling.client.stand_ins import Mode

MODES = pytest.mark.parametrize("mode", ["dual", "single"])


def publishes_vp9(publisher: Client, **more: object) -> str:
    """As livekit-client does it: with a second codec named, and not yet sent."""
    codecs = [rtc.SimulcastCodec(codec="vp9", cid="cam"), rtc.SimulcastCodec(codec="vp8", cid="")]
    return publisher.publishes("cam", "video", simulcast_codecs=codecs, **more)


def publishes_backup(publisher: Client, sid: str) -> None:
    codecs = [rtc.SimulcastCodec(codec="vp8", cid="cam-vp8")]
    publisher.adds_track("cam-vp8", "video", sid=sid, simulcast_codecs=codecs)
    publisher.sends_on_new_section("cam-vp8", "video")
    publisher.offers()


def settles_without_vp9(viewer: Client) -> None:
    """Agree to whatever is offered, with a browser that knows VP8 only."""
    known = tuple(codec for codec in CODECS if codec.mime_type in ("audio/opus", "video/VP8"))
    answered = 0
    while viewer.kinds.count("offer") > answered:
        answered = viewer.kinds.count("offer")
        message = viewer.last("offer")
        offer = parse(message.sdp)
        media = (section for section in offer.sections if section.kind in {"audio", "video"})
        plan = {section.mid: Receive(codecs=known) for section in media}
        answer = write_answer(offer, viewer.local, plan, version=1)
        viewer.says(answer=rtc.SessionDescription(type="answer", sdp=answer, id=message.id))


def mime_types_sent(clinic: Clinic) -> dict[int, str]:
    """The codec that each consumer is sent, by its transport."""
    producers = clinic.core.producers
    consumers = clinic.core.consumers.values()
    return {added.transport: producers[added.producer].parameters.codecs[0].mime_type for added in consumers}


@MODES
def test_who_cannot_take_the_first_codec_gets_the_second_once_it_is_asked_for_and_sent(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai, old = clinic.enters("lan", mode), clinic.enters("mai"), clinic.enters("old")
    sid = publishes_vp9(lan)
    assert [codec.mime_type for codec in lan.last("track_published").track.codecs] == ["video/VP9"]
    mai.settles()
    lan.forget()
    settles_without_vp9(old)
    asked = lan.last("subscribed_quality_update")
    assert (asked.track_sid, [codec.codec for codec in asked.subscribed_codecs]) == (sid, ["vp8"])
    assert all(quality.enabled for quality in asked.subscribed_codecs[0].qualities)
    assert "subscription_response" not in old.kinds, "there is hope yet"

    publishes_backup(lan, sid)
    published = lan.last("track_published")
    assert (published.cid, published.track.sid) == ("cam-vp8", sid)
    assert [codec.mime_type for codec in published.track.codecs] == ["video/VP9", "video/VP8"]
    settles_without_vp9(old)
    assert mime_types_sent(clinic) == {mai.downlink: "video/VP9", old.downlink: "video/VP8"}


def test_a_latecomer_is_served_at_once_by_what_is_sent_already() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    sid = publishes_vp9(lan)
    publishes_backup(lan, sid)
    old = clinic.enters("old")
    settles_without_vp9(old)
    assert mime_types_sent(clinic) == {old.downlink: "video/VP8"}


def test_both_codecs_are_paused_and_ended_with_their_track() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    sid = publishes_vp9(lan)
    publishes_backup(lan, sid)
    lan.says(mute=rtc.MuteTrackRequest(sid=sid, muted=True))
    paused = [command.producer for command in clinic.core.all(cmd.PauseProducer) if command.paused]
    assert set(paused) == set(clinic.core.producers)
    assert len(paused) == 2
    for section in lan.sections[1:]:
        lan.stops_sending(section.mid)
    lan.offers()
    assert clinic.core.producers == {}
    assert list(lan.last("update").participants[0].tracks) == []


def test_without_a_second_codec_the_viewer_is_told() -> None:
    clinic = Clinic()
    lan, old = clinic.enters("lan"), clinic.enters("old")
    sid = lan.publishes("cam", "video", simulcast_codecs=[rtc.SimulcastCodec(codec="vp9", cid="cam")])
    settles_without_vp9(old)
    assert old.last("subscription_response").track_sid == sid
    assert old.last("subscription_response").err == models.SubscriptionError.SE_CODEC_UNSUPPORTED


@pytest.mark.parametrize(
    ("codec", "more"),
    [("h265", {}), ("vp9", {}), ("vp8", {"encryption": models.Encryption.Type.GCM})],
)
def test_a_second_codec_that_makes_no_sense_is_refused_in_words(codec: str, more: dict[str, int]) -> None:
    """One that we do not carry, the first one again, or one of what is encrypted end to end."""
    lan = Clinic().enters("lan")
    sid = publishes_vp9(lan, **more)
    lan.adds_track("cam2", "video", sid=sid, simulcast_codecs=[rtc.SimulcastCodec(codec=codec, cid="cam2")])
    refused = lan.last("request_response")
    assert refused.reason == rtc.RequestResponse.Reason.UNSUPPORTED_TYPE
    assert refused.add_track.cid == "cam2"
    assert lan.kinds.count("track_published") == 1


def test_nobody_adds_a_codec_to_the_track_of_another() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = publishes_vp9(lan)
    publishes_backup(mai, sid)
    assert "request_response" in mai.kinds
    assert len(clinic.core.producers) == 1
