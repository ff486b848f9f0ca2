"""Real WebRTC stacks are given what we write: the only judges of SDP that count."""

from __future__ import annotations

import json

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from media.parameters import ProducerParameters
from signalling.client.sdp import (
    DataChannel,
    Inactive,
    MediaSection,
    OfferedSection,
    Receive,
    SectionAnswer,
    Send,
    consumer_parameters,
    parse,
    producer_parameters,
    write_answer,
    write_offer,
)
from tests.signalling.sdp import chromium
from tests.signalling.sdp.samples import CAMERA, LOCAL, MICROPHONE, recorded

needs_chromium = pytest.mark.skipif(
    not chromium.EXECUTABLE.exists(), reason="needs Debian's chromium: apt-get install chromium"
)

PUBLISHER = """
globalThis.pc = new RTCPeerConnection({bundlePolicy: "max-bundle"});
pc.createDataChannel("_reliable");
const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 1280, height: 720}});
pc.addTransceiver(stream.getAudioTracks()[0], {direction: "sendonly"});
pc.addTransceiver(stream.getVideoTracks()[0], {
    direction: "sendonly",
    sendEncodings: [{rid: "q", scaleResolutionDownBy: 4}, {rid: "h", scaleResolutionDownBy: 2}, {rid: "f"}],
});
await pc.setLocalDescription();
return pc.localDescription.sdp;
"""

SINGLE = """
globalThis.pc = new RTCPeerConnection({bundlePolicy: "max-bundle"});
globalThis.seen = [];
pc.ontrack = ({track, streams, transceiver}) => seen.push([transceiver.mid, track.kind, streams[0].id]);
for (const kind of ["audio", "video"]) for (let i = 0; i < 3; i++) pc.addTransceiver(kind, {direction: "recvonly"});
pc.createDataChannel("_reliable");
await pc.setLocalDescription();
return pc.localDescription.sdp;
"""

PUBLISH_ON_SINGLE = """
const stream = await navigator.mediaDevices.getUserMedia({video: {width: 1280, height: 720}});
pc.addTransceiver(stream.getVideoTracks()[0], {
    direction: "sendonly",
    sendEncodings: [{rid: "q", scaleResolutionDownBy: 4}, {rid: "h", scaleResolutionDownBy: 2}, {rid: "f"}],
});
await pc.setLocalDescription();
return pc.localDescription.sdp;
"""

SUBSCRIBER = """
globalThis.pc = new RTCPeerConnection();
globalThis.seen = [];
pc.ontrack = ({track, streams, transceiver}) => seen.push([transceiver.mid, track.kind, streams[0].id]);
"""


def take_answer(answer: str) -> str:
    return f'await pc.setRemoteDescription({{type: "answer", sdp: {json.dumps(answer)}}});'


def take_offer(offer: str) -> str:
    return f"""
    await pc.setRemoteDescription({{type: "offer", sdp: {json.dumps(offer)}}});
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
    """


@needs_chromium
async def test_chromium_publishes_the_codec_and_the_layers_that_our_answer_names() -> None:
    async with chromium.open_page() as page:
        offer = parse(await page.run(PUBLISHER))
        plan = {section.mid: Receive(preferred_mime_type="video/VP9") for section in offer.sections}
        await page.run(take_answer(write_answer(offer, LOCAL, plan, version=1)))
        sender = "pc.getSenders().find(sender => sender.track.kind === 'video')"
        assert await page.run("return pc.signalingState") == "stable"
        assert await page.run(f"return {sender}.getParameters().codecs[0].mimeType") == "video/VP9"
        assert await page.run(f"return {sender}.getParameters().encodings.map(e => e.rid)") == ["q", "h", "f"]
        uris = await page.run(f"return {sender}.getParameters().headerExtensions.map(e => e.uri)")
        assert {uri.rpartition(":")[2] for uri in uris} >= {"mid", "rtp-stream-id", "repaired-rtp-stream-id"}


@needs_chromium
async def test_chromium_finds_tracks_in_our_answer_and_may_still_publish_simulcast_later() -> None:
    async with chromium.open_page() as page:
        offer = parse(await page.run(SINGLE))
        audio, video = (next(s.mid for s in offer.sections if s.kind == kind) for kind in ("audio", "video"))
        subscribed: dict[str, SectionAnswer] = {audio: Send(MICROPHONE), video: Send(CAMERA)}
        await page.run(take_answer(write_answer(offer, LOCAL, subscribed, version=1)))
        assert await page.run("return seen") == [
            [audio, "audio", MICROPHONE.stream_id],
            [video, "video", CAMERA.stream_id],
        ]
        second = parse(await page.run(PUBLISH_ON_SINGLE))
        published = next(section for section in second.sections if section.sends and section.kind == "video")
        assert published.rids == ("q", "h", "f")
        plan = {**subscribed, published.mid: Receive(preferred_mime_type="video/VP8")}
        await page.run(take_answer(write_answer(second, LOCAL, plan, version=2)))
        encodings = f"pc.getTransceivers().find(t => t.mid === '{published.mid}').sender.getParameters().encodings"
        assert await page.run(f"return {encodings}.map(e => e.rid)") == ["q", "h", "f"]


@needs_chromium
async def test_chromium_takes_our_offers_one_after_the_other_as_tracks_come_and_go() -> None:
    camera = OfferedSection(mid="1", kind="video", plan=Send(CAMERA))
    microphone = OfferedSection(mid="2", kind="audio", plan=Send(MICROPHONE))
    data = OfferedSection(mid="0", kind="application", plan=DataChannel())
    async with chromium.open_page() as page:
        await page.run(SUBSCRIBER)
        first = await page.run(take_offer(write_offer(LOCAL, [data], version=1)))
        assert parse(first).setup == "active"
        second = parse(await page.run(take_offer(write_offer(LOCAL, [data, camera, microphone], version=2))))
        assert [section.receives for section in second.sections[1:]] == [True, True]
        gone = OfferedSection(mid="1", kind="video", plan=Inactive())
        third = parse(await page.run(take_offer(write_offer(LOCAL, [data, gone, microphone], version=3))))
        assert [section.receives for section in third.sections[1:]] == [False, True]
        fourth = parse(await page.run(take_offer(write_offer(LOCAL, [data, camera, microphone], version=4))))
        assert [section.receives for section in fourth.sections[1:]] == [True, True]
        assert await page.run("return seen") == [
            ["1", "video", CAMERA.stream_id],
            ["2", "audio", MICROPHONE.stream_id],
            ["1", "video", CAMERA.stream_id],
        ]


@needs_chromium
async def test_what_one_chromium_sends_every_chromium_can_be_sent() -> None:
    """Both number their codecs as they like; the mapping must meet what each of them calls VP8, H264, VP9 and AV1."""
    data = OfferedSection(mid="0", kind="application", plan=DataChannel())
    camera = OfferedSection(mid="1", kind="video", plan=Send(CAMERA))
    async with chromium.open_page() as page:
        published = parse(await page.run(PUBLISHER))
        await page.run(SUBSCRIBER)
        answer = parse(await page.run(take_offer(write_offer(LOCAL, [data, camera], version=1))))
    producer = _producer(published.sections)
    received = answer.section("1")
    assert received is not None
    consumer = consumer_parameters(received, CAMERA, producer)
    names = {codec.payload_type: (codec.mime_type, codec.parameters) for codec in received.codecs}
    for codec in producer.codecs:
        mapping = next(mapping for mapping in consumer.payload_types if mapping.producer == codec.payload_type)
        assert names[mapping.consumer][0] == codec.mime_type
        assert mapping.consumer_rtx is not None
    assert {codec.mime_type for codec in producer.codecs} == {"video/VP8", "video/H264", "video/VP9", "video/AV1"}
    assert consumer.rtx_ssrc == CAMERA.rtx_ssrc


async def test_aiortc_takes_our_answer_and_our_offer() -> None:
    publisher = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    subscriber = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        publisher.addTrack(AudioStreamTrack())
        publisher.addTrack(VideoStreamTrack())
        publisher.createDataChannel("_reliable")
        await publisher.setLocalDescription(await publisher.createOffer())
        offer = parse(publisher.localDescription.sdp)
        plan = {section.mid: Receive(preferred_mime_type="video/H264") for section in offer.sections}
        answer = write_answer(offer, LOCAL, plan, version=1)
        await publisher.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        assert [t.currentDirection for t in publisher.getTransceivers()] == ["sendonly", "sendonly"]

        sections = [
            OfferedSection(mid="data", kind="application", plan=DataChannel()),
            OfferedSection(mid="camera", kind="video", plan=Send(CAMERA)),
            OfferedSection(mid="micro", kind="audio", plan=Send(MICROPHONE)),
        ]
        await subscriber.setRemoteDescription(
            RTCSessionDescription(sdp=write_offer(LOCAL, sections, version=1), type="offer")
        )
        await subscriber.setLocalDescription(await subscriber.createAnswer())
        taken = parse(subscriber.localDescription.sdp).section("camera")
        assert taken is not None
        consumer = consumer_parameters(taken, CAMERA, _producer(parse(recorded("chromium-publisher")).sections))
        assert {mapping.consumer for mapping in consumer.payload_types} >= {96}
    finally:
        await publisher.close()
        await subscriber.close()


def _producer(sections: tuple[MediaSection, ...]) -> ProducerParameters:
    for section in sections:
        if section.kind == "video":
            return producer_parameters(section, Receive())
    raise AssertionError("no video section")
