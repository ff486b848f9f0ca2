"""What our answers say: codecs, Opus settings, directions, rejections."""

from __future__ import annotations

import pytest

from media.parameters import RedParameters, RtpEncodingParameters
from signalling.client.sdp import (
    DataChannel,
    Inactive,
    Receive,
    Rejected,
    SdpError,
    SectionAnswer,
    Send,
    consumer_parameters,
    parse,
    producer_parameters,
    write_answer,
)
from tests.signalling.sdp.samples import CAMERA, LOCAL, MICROPHONE, recorded, section_lines

PUBLISHER = recorded("chromium-publisher")
SINGLE = recorded("chromium-single-join")
HEAD = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-ufrag:peer
a=ice-pwd:peer56789012345678901234
a=fingerprint:sha-256 {}
a=setup:actpass
""".format(":".join(["00"] * 32))
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\na=rtpmap:111 opus/48000/2\n"
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\na=rtpmap:96 VP8/90000\n"


def answered(offer: str, mid: str, answer: SectionAnswer) -> list[str]:
    return section_lines(write_answer(parse(offer), LOCAL, {mid: answer}, version=1), mid)


def mime_types(lines: list[str]) -> list[str]:
    names = dict(
        line.removeprefix("a=rtpmap:").split("/")[0].split(" ") for line in lines if line.startswith("a=rtpmap:")
    )
    return [names[number] for number in lines[0].split()[3:] if names[number] != "rtx"]


def test_the_preferred_codec_goes_first_and_the_others_stay() -> None:
    lines = answered(PUBLISHER, "1", Receive(preferred_mime_type="video/av1"))
    assert mime_types(lines) == ["AV1", "VP8", "H264", "H264", "H264", "VP9"]


def test_firefox_gets_the_preferred_codec_only() -> None:
    lines = answered(PUBLISHER, "1", Receive(preferred_mime_type="video/H264", only_preferred=True))
    assert set(mime_types(lines)) == {"H264"}


def test_a_preferred_codec_that_was_not_offered_changes_nothing() -> None:
    with_wish = Receive(preferred_mime_type="video/H265", only_preferred=True)
    assert answered(PUBLISHER, "1", with_wish) == answered(PUBLISHER, "1", Receive())


def test_only_h264_with_packetization_mode_1_and_vp9_profile_0_are_taken() -> None:
    lines = answered(PUBLISHER, "1", Receive())
    fmtp = [line for line in lines if line.startswith("a=fmtp:") and "apt=" not in line]
    assert not any("packetization-mode=0" in line or "profile-id=2" in line for line in fmtp)
    assert sum("packetization-mode=1" in line for line in fmtp) == 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Receive(), {"minptime": "10", "useinbandfec": "1", "usedtx": "1"}),
        (Receive(dtx=False), {"minptime": "10", "useinbandfec": "1"}),
        (
            Receive(dtx=False, stereo=True),
            {"minptime": "10", "useinbandfec": "1", "stereo": "1", "maxaveragebitrate": "510000"},
        ),
    ],
)
def test_opus_is_asked_for_as_the_track_wants_it(answer: Receive, expected: dict[str, str]) -> None:
    lines = answered(PUBLISHER, "0", answer)
    (fmtp,) = (line.removeprefix("a=fmtp:111 ") for line in lines if line.startswith("a=fmtp:111 "))
    assert dict(pair.split("=") for pair in fmtp.split(";")) == expected
    assert "a=rtcp-fb:111 nack" in lines


def test_redundancy_goes_first_where_the_track_may_have_it_and_is_refused_where_not() -> None:
    assert mime_types(answered(PUBLISHER, "0", Receive(red=True))) == ["red", "opus"]
    assert "a=fmtp:63 111/111" in answered(PUBLISHER, "0", Receive(red=True))
    assert mime_types(answered(PUBLISHER, "0", Receive())) == ["opus"]


def test_the_core_and_the_room_hear_of_opus_first_whatever_is_sent() -> None:
    section = parse(PUBLISHER).sections[0]
    producer = producer_parameters(section, Receive(red=True))
    assert [codec.mime_type for codec in producer.codecs] == ["audio/opus", "audio/red"]


def test_redundancy_of_something_else_is_no_redundancy() -> None:
    for fmtp in ("", "a=fmtp:63 0/0\n", "a=fmtp:63 111/0\n", "a=fmtp:63 x/x\n"):
        offer = HEAD + AUDIO.replace("AVPF 111", "AVPF 111 63") + "a=rtpmap:63 red/48000/2\n" + fmtp + VIDEO
        assert mime_types(answered(offer, "0", Receive(red=True))) == ["opus"]


def test_a_subscriber_that_takes_redundancy_is_sent_as_much_as_was_published() -> None:
    producer = producer_parameters(parse(PUBLISHER).sections[0], Receive(red=True))
    knowing = consumer_parameters(parse(SINGLE).sections[0], MICROPHONE, producer)
    assert knowing.red == RedParameters(payload_type=63, distance=None)
    assert [mapping.producer for mapping in knowing.payload_types] == [111], "RED is taken apart on arrival"
    assert mime_types(answered(SINGLE, "0", Send(MICROPHONE)))[:2] == ["opus", "red"]
    plain = parse(HEAD + AUDIO + "a=recvonly\n" + VIDEO).sections[0]
    assert consumer_parameters(plain, MICROPHONE, producer).red is None


def test_a_track_on_its_way_down_carries_what_every_sdk_looks_for() -> None:
    video = answered(SINGLE, "3", Send(CAMERA))
    assert {
        "a=sendonly",
        "a=msid:PA_lan|TR_VCcamera TR_VCcamera",
        f"a=ssrc-group:FID {CAMERA.ssrc} {CAMERA.rtx_ssrc}",
        f"a=ssrc:{CAMERA.ssrc} cname:PA_lan",
        f"a=ssrc:{CAMERA.rtx_ssrc} msid:PA_lan|TR_VCcamera TR_VCcamera",
    } <= set(video)
    assert mime_types(video)[0] == "VP8"
    audio = answered(SINGLE, "0", Send(MICROPHONE))
    assert f"a=ssrc:{MICROPHONE.ssrc} cname:PA_lan" in audio
    assert not any("ssrc-group" in line for line in audio)


def test_no_rtx_is_declared_to_a_client_that_has_none() -> None:
    section = parse(HEAD + AUDIO + VIDEO + "a=recvonly\n").section("1")
    assert section is not None
    lines = answered(HEAD + AUDIO + VIDEO + "a=recvonly\n", "1", Send(CAMERA))
    assert not any("ssrc-group" in line or str(CAMERA.rtx_ssrc) in line for line in lines)
    producer = producer_parameters(parse(PUBLISHER).sections[1], Receive())
    assert consumer_parameters(section, CAMERA, producer).rtx_ssrc is None


def test_a_plan_against_the_offered_direction_comes_to_nothing() -> None:
    assert "a=inactive" in answered(PUBLISHER, "1", Send(CAMERA))
    assert "a=inactive" in answered(SINGLE, "3", Receive())
    with pytest.raises(SdpError, match="sends nothing"):
        producer_parameters(parse(SINGLE).sections[3], Receive())


def test_a_section_without_a_common_codec_is_rejected_and_the_others_live() -> None:
    offer = HEAD + AUDIO + VIDEO.replace("VP8", "H265")
    answer = write_answer(parse(offer), LOCAL, {"0": Receive(), "1": Receive()}, version=1)
    assert "a=group:BUNDLE 0\r\n" in answer
    assert section_lines(answer, "1")[0] == "m=video 0 UDP/TLS/RTP/SAVPF 96"
    with pytest.raises(SdpError, match="no codec"):
        producer_parameters(parse(offer).sections[1], Receive())


def test_what_lies_outside_the_bundle_is_rejected() -> None:
    offer = HEAD.replace("BUNDLE 0 1", "BUNDLE 1") + AUDIO + VIDEO
    answer = write_answer(parse(offer), LOCAL, {"0": Receive(), "1": Receive()}, version=1)
    assert section_lines(answer, "0")[0].startswith("m=audio 0 ")
    assert any(line.startswith("a=candidate:") for line in section_lines(answer, "1"))


def test_a_single_section_needs_no_bundle_group() -> None:
    offer = parse(HEAD.replace("a=group:BUNDLE 0 1\n", "") + AUDIO)
    assert offer.bundle == ("0",)


def test_media_that_we_do_not_speak_is_rejected_with_its_own_words() -> None:
    offer = HEAD + AUDIO + "m=message 9 TCP/TLS/MSRP *\na=mid:1\n"
    assert answered(offer, "1", Inactive())[0] == "m=message 0 TCP/TLS/MSRP *"
    old = HEAD + AUDIO + "m=application 9 DTLS/SCTP 5000\na=mid:1\na=sctpmap:5000 webrtc-datachannel 1024\n"
    assert answered(old, "1", DataChannel())[0] == "m=application 0 DTLS/SCTP 5000"


def test_a_section_that_is_over_stays_over() -> None:
    offer = HEAD + AUDIO + VIDEO.replace("m=video 9", "m=video 0")
    assert answered(offer, "1", Receive())[0].startswith("m=video 0 ")
    bundle_only = offer + "a=bundle-only\n"
    assert answered(bundle_only, "1", Receive())[0].startswith("m=video 9 ")
    assert answered(HEAD + AUDIO + VIDEO, "1", Rejected())[0].startswith("m=video 0 ")


def test_a_peer_that_wants_to_be_dtls_server_may() -> None:
    offer = parse((HEAD + AUDIO).replace("actpass", "passive"))
    assert offer.dtls.role == "server"
    assert "a=setup:active" in write_answer(offer, LOCAL, {"0": Receive()}, version=1)


def test_simulcast_from_before_rids_goes_by_its_ssrc_group() -> None:
    old = VIDEO + "a=ssrc-group:SIM 10 20 30\na=ssrc-group:FID 10 11\na=ssrc-group:FID 30 31\n"
    old += "".join(f"a=ssrc:{ssrc} cname:x\n" for ssrc in (10, 11, 20, 30, 31))
    parameters = producer_parameters(parse(HEAD + AUDIO + old).sections[1], Receive())
    assert parameters.encodings == (
        RtpEncodingParameters(ssrc=10, rtx_ssrc=11),
        RtpEncodingParameters(ssrc=20),
        RtpEncodingParameters(ssrc=30, rtx_ssrc=31),
    )


def test_a_section_without_any_declaration_is_found_by_its_mid() -> None:
    parameters = producer_parameters(parse(HEAD + AUDIO + VIDEO).sections[1], Receive())
    assert parameters.encodings == (RtpEncodingParameters(),)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("a=rid:0 send\na=rid:1 send\na=rid:2 send\na=simulcast:send 0;1;2\n", ["2", "1", "0"]),
        ("a=rid:h send\na=rid:q send\na=simulcast:send h;q\n", ["q", "h"]),
        ("a=rid:lo send\na=rid:hi send\na=simulcast:send lo;~hi\n", ["lo", "hi"]),
        ("a=rid:q send\na=rid:x send\na=rid:y recv\na=simulcast:recv y send q,x\n", ["q"]),
        ("a=rid:f send pt=96\n", ["f"]),
        ("".join(f"a=rid:r{n} send\n" for n in range(5)), ["r0", "r1", "r2"]),
    ],
)
def test_rids_of_other_clients(lines: str, expected: list[str]) -> None:
    parameters = producer_parameters(parse(HEAD + AUDIO + VIDEO + lines).sections[1], Receive())
    assert [encoding.rid for encoding in parameters.encodings] == expected


def test_the_session_id_stays_and_the_version_counts() -> None:
    offer = parse(PUBLISHER)
    assert [write_answer(offer, LOCAL, {}, version=version).splitlines()[1] for version in (1, 2)] == [
        "o=- 4711 1 IN IP4 127.0.0.1",
        "o=- 4711 2 IN IP4 127.0.0.1",
    ]
