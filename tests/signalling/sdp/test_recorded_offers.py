"""What real clients wrote is understood, and what we answer holds to what they offered."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription as AiortcDescription

from media.parameters import RtpEncodingParameters
from signalling.client.sdp import (
    Inactive,
    MediaSection,
    Receive,
    SectionAnswer,
    Send,
    SessionDescription,
    parse,
    producer_parameters,
    write_answer,
)
from signalling.client.sdp.extensions import MID, REPAIRED_RID, RID, TRANSPORT_CC
from tests.signalling.sdp.samples import CAMERA, LOCAL, MICROPHONE, RECORDED, recorded, section_lines

OFFERED = [name for name in RECORDED if not name.endswith("answer")]
PUBLISHING = [name for name in OFFERED if "join" not in name]


def plan_for(offer: SessionDescription) -> dict[str, SectionAnswer]:
    """Take what is sent, send a track of ours where one is awaited."""
    plan: dict[str, SectionAnswer] = {}
    for kind, track in (("audio", MICROPHONE), ("video", CAMERA)):
        sections = [section for section in offer.sections if section.kind == kind]
        plan |= {section.mid: Receive() for section in sections if section.sends}
        plan |= {section.mid: Send(track) for section in sections[:1] if not section.sends}
    return plan


def camera(name: str) -> MediaSection:
    return next(section for section in parse(recorded(name)).sections if section.kind == "video" and section.sends)


@pytest.mark.parametrize("name", OFFERED)
def test_every_client_gets_an_answer_that_two_parsers_understand(name: str) -> None:
    offer = parse(recorded(name))
    text = write_answer(offer, LOCAL, plan_for(offer), version=3)
    answer = parse(text)
    assert [(section.mid, section.media) for section in answer.sections] == [
        (section.mid, section.media) for section in offer.sections
    ]
    assert not any(section.rejected for section in answer.sections)
    assert (answer.ice, answer.dtls.fingerprints) == (LOCAL.ice, (LOCAL.fingerprint,))
    assert (answer.setup, answer.bundle) == ("passive", offer.bundle)
    theirs = AiortcDescription.parse(text)
    assert theirs.media[0].ice.iceLite
    assert [candidate.port for candidate in theirs.media[0].ice_candidates] == [7882, 7881]


@pytest.mark.parametrize("name", OFFERED)
def test_our_answer_uses_the_numbers_that_the_client_chose(name: str) -> None:
    offer = parse(recorded(name))
    answer = parse(write_answer(offer, LOCAL, plan_for(offer), version=1))
    for theirs, ours in zip(offer.sections, answer.sections, strict=True):
        assert set(ours.extensions) <= set(theirs.extensions)
        assert {(codec.mime_type, codec.payload_type) for codec in ours.codecs} <= {
            (codec.mime_type, codec.payload_type) for codec in theirs.codecs
        }


@pytest.mark.parametrize("name", [name for name in OFFERED if name != "aiortc-publisher"])
def test_every_video_section_can_carry_simulcast_some_day(name: str) -> None:
    """Placeholders too: libwebrtc refuses simulcast for the life of the connection otherwise."""
    offer = parse(recorded(name))
    answer = parse(write_answer(offer, LOCAL, {section.mid: Inactive() for section in offer.sections}, version=1))
    for section in answer.sections:
        if section.kind == "video":
            assert {MID, RID, REPAIRED_RID} <= {extension.uri for extension in section.extensions}


@pytest.mark.parametrize("name", ["chromium-publisher", "livekit-1.0.25-dual", "livekit-1.2.1-single-publishing"])
def test_a_camera_is_asked_for_what_repairs_it(name: str) -> None:
    mid = camera(name).mid
    answer = parse(write_answer(parse(recorded(name)), LOCAL, {mid: Receive()}, version=1)).section(mid)
    assert answer is not None
    vp8 = answer.codecs[0].payload_type
    assert {line.value for line in answer.feedback if line.payload_type == vp8} == {
        "transport-cc",
        "ccm fir",
        "nack",
        "nack pli",
    }


@pytest.mark.parametrize("name", ["chromium-single-join", "livekit-1.2.1-single-join"])
def test_a_subscriber_is_asked_to_tell_when_packets_arrive_voice_included(name: str) -> None:
    offer = parse(recorded(name))
    for section in offer.sections:
        if section.kind not in ("audio", "video"):
            continue
        plan = {section.mid: Send(CAMERA if section.kind == "video" else MICROPHONE)}
        answer = parse(write_answer(offer, LOCAL, plan, version=1)).section(section.mid)
        assert answer is not None
        assert TRANSPORT_CC in {extension.uri for extension in answer.extensions}
        codec = answer.codecs[0].payload_type
        assert "transport-cc" in {line.value for line in answer.feedback if line.payload_type == codec}


@pytest.mark.parametrize("name", ["chromium-publisher", "livekit-1.2.1-single-publishing"])
def test_a_publisher_need_not_number_its_voice(name: str) -> None:
    offer = parse(recorded(name))
    voice = next(section for section in offer.sections if section.kind == "audio" and section.sends)
    answer = parse(write_answer(offer, LOCAL, {voice.mid: Receive()}, version=1)).section(voice.mid)
    assert answer is not None
    assert TRANSPORT_CC not in {extension.uri for extension in answer.extensions}
    assert {line.value for line in answer.feedback} == {"nack"}


@pytest.mark.parametrize("name", PUBLISHING)
def test_every_publishing_client_can_be_received(name: str) -> None:
    sending = [s for s in parse(recorded(name)).sections if s.sends and s.kind in ("audio", "video")]
    assert sending
    for section in sending:
        parameters = producer_parameters(section, Receive())
        assert parameters.mid == section.mid
        assert {codec.mime_type.partition("/")[0] for codec in parameters.codecs} == {section.kind}
        assert MID in {extension.uri for extension in parameters.header_extensions}


@pytest.mark.parametrize(
    "name", ["chromium-publisher", "livekit-1.0.25-dual", "livekit-1.1.12-dual", "livekit-1.2.1-single-publishing"]
)
def test_layers_rise_in_quality_however_the_client_lists_them(name: str) -> None:
    assert [encoding.rid for encoding in producer_parameters(camera(name), Receive()).encodings] == ["q", "h", "f"]
    offer = parse(recorded(name))
    answer = write_answer(offer, LOCAL, {camera(name).mid: Receive()}, version=1)
    assert "a=simulcast:recv q;h;f" in section_lines(answer, camera(name).mid)


def test_a_single_stream_is_found_by_its_declared_ssrc_with_its_rtx() -> None:
    section = camera("chromium-svc")
    (encoding,) = producer_parameters(section, Receive()).encodings
    media, repair = section.ssrcs
    assert encoding == RtpEncodingParameters(ssrc=media, rtx_ssrc=repair)


def test_the_wheel_that_fell_back_to_two_connections_counts_its_mids_from_seven() -> None:
    offer = parse(recorded("livekit-1.2.1-dual-after-fallback"))
    assert [section.mid for section in offer.sections] == ["7", "8", "9", "10", "11", "12", "13", "14", "15"]
    assert offer.ice_options == ("trickle", "goog-sped-v1")
    answer = write_answer(offer, LOCAL, plan_for(offer), version=1)
    assert "sctp-init" not in answer


def test_m_application_may_stand_in_the_middle() -> None:
    offer = parse(recorded("livekit-1.0.25-dual"))
    assert [section.kind for section in offer.sections] == ["audio", "application", "video"]
    answer = parse(write_answer(offer, LOCAL, plan_for(offer), version=1))
    assert [section.sctp_port for section in answer.sections] == [None, 5000, None]


def test_the_cid_of_a_track_is_in_its_msid() -> None:
    section = camera("livekit-1.1.12-dual")
    assert section.msid is not None
    assert section.msid.stream_id == "-"
    assert f"a=msid:- {section.msid.track_id}" in recorded("livekit-1.1.12-dual")


def test_a_subscriber_that_only_has_data_channels_answers_as_dtls_client() -> None:
    answer = parse(recorded("livekit-1.0.25-subscriber-answer"))
    assert (answer.setup, answer.dtls.role) == ("active", "client")
    assert [section.sctp_port for section in answer.sections] == [5000]
