"""Our offers to subscribers, and what their answers mean for the core."""

from __future__ import annotations

import pytest

from media.parameters import ConsumerParameters, PayloadTypeMapping
from signalling.client.sdp import (
    DataChannel,
    Inactive,
    OfferedSection,
    Receive,
    Rejected,
    SdpError,
    Send,
    consumer_parameters,
    parse,
    producer_parameters,
    write_offer,
)
from signalling.client.sdp.codecs import CODECS
from signalling.client.sdp.extensions import (
    ABS_CAPTURE_TIME,
    ABS_SEND_TIME,
    DEPENDENCY_DESCRIPTOR,
    MID,
    TRANSPORT_CC,
)
from tests.signalling.sdp.samples import CAMERA, LOCAL, MICROPHONE, recorded, section_lines

DATA = OfferedSection(mid="0", kind="application", plan=DataChannel())
CAMERA_SECTION = OfferedSection(mid="1", kind="video", plan=Send(CAMERA))
MICROPHONE_SECTION = OfferedSection(mid="2", kind="audio", plan=Send(MICROPHONE))


def test_our_own_offer_reads_as_we_meant_it() -> None:
    offer = parse(write_offer(LOCAL, [DATA, CAMERA_SECTION, MICROPHONE_SECTION], version=1))
    assert (offer.setup, offer.ice, offer.bundle) == ("actpass", LOCAL.ice, ("0", "1", "2"))
    data, camera, microphone = offer.sections
    assert data.sctp_port == 5000
    assert camera.msid is not None
    assert (camera.msid.stream_id, camera.msid.track_id) == (CAMERA.stream_id, CAMERA.track_id)
    assert camera.ssrcs == (CAMERA.ssrc, CAMERA.rtx_ssrc)
    assert microphone.ssrcs == (MICROPHONE.ssrc,)
    assert camera.codecs[0].mime_type == "video/VP8"
    assert {line.value for line in camera.feedback} == {"goog-remb", "transport-cc", "nack", "nack pli", "ccm fir"}
    # Lost audio is not sent again: we do not promise it.
    assert {line.value for line in microphone.feedback} == {"transport-cc"}
    for section in (camera, microphone):
        assert TRANSPORT_CC in {extension.uri for extension in section.extensions}


def test_an_idle_section_keeps_its_codecs_and_its_place() -> None:
    idle = OfferedSection(mid="1", kind="video", plan=Inactive())
    offer = parse(write_offer(LOCAL, [DATA, idle, MICROPHONE_SECTION], version=2))
    assert [section.mid for section in offer.sections] == ["0", "1", "2"]
    section = offer.sections[1]
    assert (section.direction, section.rejected, section.msid) == ("inactive", False, None)
    assert len(section.codecs) == sum(codec.mime_type.startswith("video/") for codec in CODECS)


def test_a_rejected_section_leaves_the_bundle() -> None:
    for kind, media in (("application", "UDP/DTLS/SCTP webrtc-datachannel"), ("audio", "UDP/TLS/RTP/SAVPF 0")):
        over = OfferedSection(mid="9", kind="application" if kind == "application" else "audio", plan=Rejected())
        text = write_offer(LOCAL, [over, CAMERA_SECTION], version=1)
        assert section_lines(text, "9")[0] == f"m={kind} 0 {media}"
        assert parse(text).bundle == ("1",)
        assert any(line.startswith("a=candidate:") for line in section_lines(text, "1"))


def test_stereo_is_announced() -> None:
    stereo = MICROPHONE.__class__(
        stream_id=MICROPHONE.stream_id,
        track_id=MICROPHONE.track_id,
        cname=MICROPHONE.cname,
        ssrc=MICROPHONE.ssrc,
        rtx_ssrc=None,
        mime_type="audio/opus",
        stereo=True,
    )
    section = OfferedSection(mid="2", kind="audio", plan=Send(stereo))
    assert "a=fmtp:111 minptime=10;useinbandfec=1;sprop-stereo=1" in section_lines(
        write_offer(LOCAL, [section], version=1), "2"
    )


def test_the_answer_of_chromium_tells_the_core_how_to_send() -> None:
    """A camera from one Chromium to another: VP8 was 96 there and is 96 here, AV1 was 45 and is 106."""
    producer = producer_parameters(parse(recorded("chromium-publisher")).sections[1], Receive())
    received = parse(recorded("chromium-subscriber-answer")).section("1")
    assert received is not None
    consumer = consumer_parameters(received, CAMERA, producer)
    assert consumer == ConsumerParameters(
        mid="1",
        ssrc=CAMERA.ssrc,
        rtx_ssrc=CAMERA.rtx_ssrc,
        cname=CAMERA.cname,
        payload_types=(
            PayloadTypeMapping(producer=96, consumer=96, consumer_rtx=97),
            PayloadTypeMapping(producer=102, consumer=100, consumer_rtx=101),
            PayloadTypeMapping(producer=108, consumer=98, consumer_rtx=99),
            PayloadTypeMapping(producer=116, consumer=102, consumer_rtx=103),
            PayloadTypeMapping(producer=45, consumer=106, consumer_rtx=107),
            PayloadTypeMapping(producer=98, consumer=104, consumer_rtx=105),
        ),
        header_extensions=consumer.header_extensions,
    )
    assert {extension.uri for extension in consumer.header_extensions} == {
        MID,
        TRANSPORT_CC,
        ABS_CAPTURE_TIME,
        DEPENDENCY_DESCRIPTOR,
    }


def test_a_subscriber_that_cannot_tell_of_arrivals_gets_what_its_own_estimate_needs() -> None:
    producer = producer_parameters(parse(recorded("chromium-publisher")).sections[1], Receive())
    answer = recorded("chromium-subscriber-answer").replace(f"extmap:3 {TRANSPORT_CC}", f"extmap:6 {ABS_SEND_TIME}")
    received = parse(answer).section("1")
    assert received is not None
    sent = {extension.uri for extension in consumer_parameters(received, CAMERA, producer).header_extensions}
    assert ABS_SEND_TIME in sent
    assert TRANSPORT_CC not in sent


def test_a_subscriber_without_the_codec_is_an_error_in_words() -> None:
    producer = producer_parameters(parse(recorded("livekit-1.1.12-dual")).sections[-1], Receive())
    assert {codec.mime_type for codec in producer.codecs} == {"video/VP8"}
    answer = recorded("chromium-subscriber-answer").replace("VP8/90000", "VP7/90000")
    received = parse(answer).section("1")
    assert received is not None
    with pytest.raises(SdpError, match="takes none of the codecs"):
        consumer_parameters(received, CAMERA, producer)


def test_a_subscriber_that_declined_is_sent_nothing() -> None:
    producer = producer_parameters(parse(recorded("chromium-publisher")).sections[1], Receive())
    answer = recorded("chromium-subscriber-answer").replace("a=recvonly", "a=inactive")
    received = parse(answer).section("1")
    assert received is not None
    with pytest.raises(SdpError, match="receives nothing"):
        consumer_parameters(received, CAMERA, producer)
