from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from rooms.live.permission import Permission, TrackSource
from signalling.client.sdp import parse
from tests.signalling.client.clinic import Clinic
from tests.signalling.client.stand_ins import Mode

MODES = pytest.mark.parametrize("mode", ["dual", "single"])


@MODES
def test_a_track_is_answered_received_and_announced_in_this_order(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", mode), clinic.enters("mai")
    lan.forget()
    lan.adds_track("cam", "video", name="camera", width=1280, height=720)
    mid = lan.sends_on_new_section("cam", "video")
    number = lan.offers()

    assert lan.kinds[:3] == ["track_published", "answer", "update"]
    published = lan.last("track_published")
    assert published.cid == "cam"
    answer = lan.last("answer")
    assert (answer.type, answer.id) == ("answer", number)
    section = parse(answer.sdp).section(mid)
    assert section is not None
    assert section.direction == "recvonly"
    [added] = clinic.core.producers.values()
    assert (added.transport, added.parameters.mid) == (lan.uplink, mid)
    track = mai.last("update").participants[0].tracks[0]
    assert (track.sid, track.mime_type, track.mid, track.width) == (published.track.sid, "video/VP8", mid, 1280)
    assert track.stream == "camera"


@MODES
def test_the_description_may_come_before_the_announcement(mode: Mode) -> None:
    clinic = Clinic()
    lan = clinic.enters("lan", mode)
    lan.sends_on_new_section("mic", "audio")
    lan.offers()
    assert clinic.core.producers == {}
    lan.adds_track("mic", "audio")
    [added] = clinic.core.producers.values()
    assert added.parameters.kind == "audio"


def test_tracks_find_their_sections_by_name_and_firefox_by_kind() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.adds_track("screen", "video", source=models.TrackSource.SCREEN_SHARE)
    lan.adds_track("{original}", "video")
    lan.adds_track("mic", "audio")
    renamed = lan.sends_on_new_section("{regenerated}", "video")
    screen = lan.sends_on_new_section("screen", "video")
    mic = lan.sends_on_new_section("mic", "audio")
    lan.offers()
    lan.answers()
    tracks = {track.source: track.mid for track in lan.last("update").participants[0].tracks}
    assert tracks == {
        models.TrackSource.SCREEN_SHARE: screen,
        models.TrackSource.CAMERA: renamed,
        models.TrackSource.MICROPHONE: mic,
    }


def test_the_codec_that_was_asked_for_comes_first_in_the_answer() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.adds_track("cam", "video", simulcast_codecs=[rtc.SimulcastCodec(codec="h264", cid="cam")])
    mid = lan.sends_on_new_section("cam", "video")
    lan.offers()
    section = parse(lan.last("answer").sdp).section(mid)
    assert section is not None
    assert section.codecs[0].mime_type == "video/H264"
    assert lan.last("update").participants[0].tracks[0].mime_type == "video/H264"


@MODES
def test_unpublishing_is_a_section_that_stops_sending(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", mode), clinic.enters("mai")
    lan.connects()
    lan.adds_track("cam", "video")
    mid = lan.sends_on_new_section("cam", "video")
    lan.offers()
    lan.stops_sending(mid)
    lan.offers()
    assert clinic.core.producers == {}
    assert list(mai.last("update").participants[0].tracks) == []
    assert "track_unpublished" not in lan.kinds, "it knows"
    assert [fact.kind.value for fact in clinic.facts][-1] == "track_unpublished"


def test_the_same_camera_published_again_is_a_new_track() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.adds_track("cam", "video")
    mid = lan.sends_on_new_section("cam", "video")
    lan.offers()
    first = lan.last("track_published").track.sid
    lan.stops_sending(mid)
    lan.adds_track("cam", "video")
    lan.sends_on_new_section("cam", "video")
    lan.offers()
    second = lan.last("track_published").track.sid
    assert [track.sid for track in mai.last("update").participants[0].tracks] == [second] != [first]
    assert len(clinic.core.producers) == 1


def test_an_offer_repeated_without_change_changes_nothing_in_the_core() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.publishes("cam", "video")
    before = list(clinic.core.asked)
    lan.offers()
    assert clinic.core.asked == before


def test_numbers_of_offers_are_echoed_and_0_is_one() -> None:
    lan = Clinic().enters("lan")
    for number in (0, 7, 3):
        lan.offers(number)
        assert lan.last("answer").id == number


def test_new_credentials_in_an_offer_restart_ice() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan", "single")
    lan.offers()
    before = parse(lan.last("answer").sdp).ice
    lan.restarts_ice()
    lan.offers()
    after = parse(lan.last("answer").sdp).ice
    assert before.username_fragment != after.username_fragment
    [restart] = clinic.core.all(cmd.RestartIce)
    assert restart.ice == after
    assert [type(command) for command in clinic.core.asked[-2:]] == [cmd.RestartIce, cmd.ConnectTransport]


def test_mute_stops_forwarding_and_is_told() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("mic", "audio")
    [producer] = clinic.core.producers
    for muted in (True, False):
        lan.says(mute=rtc.MuteTrackRequest(sid=sid, muted=muted))
        assert clinic.core.asked[-1] == cmd.PauseProducer(producer=producer, paused=muted)
        assert mai.last("update").participants[0].tracks[0].muted == muted
    assert "mute" not in lan.kinds


def test_a_track_published_muted_is_paused_from_the_start() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.publishes("mic", "audio", muted=True)
    kinds = [type(command) for command in clinic.core.asked]
    assert kinds.index(cmd.AddProducer) < kinds.index(cmd.PauseProducer)


def test_what_the_token_does_not_grant_is_refused_with_the_request() -> None:
    clinic = Clinic()
    only_voice = Permission(can_publish_sources=frozenset({TrackSource.MICROPHONE}))
    lan = clinic.enters("lan", permission=only_voice)
    lan.adds_track("cam", "video")
    refused = lan.last("request_response")
    assert refused.reason == rtc.RequestResponse.Reason.NOT_ALLOWED
    assert refused.add_track.cid == "cam"
    lan.sends_on_new_section("cam", "video")
    lan.offers()
    assert clinic.core.producers == {}, "media of a track that was refused is not received either"


def test_publishers_of_today_are_told_of_their_first_subscriber() -> None:
    clinic = Clinic()
    lan, old = clinic.enters("lan"), clinic.enters("old", protocol=9)
    sid = lan.publishes("cam", "video")
    old.publishes("cam", "video")
    assert lan.last("track_subscribed").track_sid == sid
    assert "track_subscribed" not in old.kinds


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, ["audio/red", "audio/opus"]),
        ({"disable_red": True}, ["audio/opus"]),
        ({"encryption": models.Encryption.Type.GCM}, ["audio/opus"]),
    ],
)
def test_a_voice_repeats_itself_unless_its_publisher_or_its_cipher_forbids(
    wishes: dict[str, object], expected: list[str]
) -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    sid = lan.publishes("mic", "audio", **wishes)
    section = parse(lan.last("answer").sdp).sections[-1]
    assert [codec.mime_type for codec in section.codecs] == expected
    [track] = clinic.enters("mai").last("join").other_participants[0].tracks
    assert (track.sid, track.mime_type, [codec.mime_type for codec in track.codecs]) == (
        sid, "audio/opus", ["audio/opus"],
    )  # fmt: skip
    assert track.disable_red == ("disable_red" in wishes)
