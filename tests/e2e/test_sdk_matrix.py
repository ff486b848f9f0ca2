"""Unmodified LiveKit SDKs meet: each version in each mode it has, and versions among each other."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from tests.e2e.meeting import CURRENT, Meeting

pytestmark = pytest.mark.e2e

Variant = tuple[str, dict[str, Any]]

VARIANTS = [
    pytest.param("1.0.25", {}, id="1.0.25-dual"),
    pytest.param("1.1.12", {}, id="1.1.12-dual"),
    pytest.param(CURRENT, {"single_peer_connection": False}, id="current-dual"),
    pytest.param(CURRENT, {"single_peer_connection": True}, id="current-single"),
]
PAIRS = [
    pytest.param(("1.0.25", {}), (CURRENT, {"single_peer_connection": True}), id="1.0.25-dual-with-current-single"),
    pytest.param(("1.1.12", {}), (CURRENT, {"single_peer_connection": False}), id="1.1.12-dual-with-current-dual"),
]


@pytest.mark.parametrize(("version", "options"), VARIANTS)
async def test_two_people_see_hear_and_write_to_each_other(
    meeting: Meeting, version: str, options: dict[str, Any]
) -> None:
    lan = await meeting.join("lan", version, options)
    mai = await meeting.join("mai", version, options)

    await lan.do("publish_audio", hertz=440)
    await lan.do("publish_video", marker=5, width=640, height=360, fps=15, simulcast=True, codec="VP8")
    await mai.do("publish_audio", hertz=880)
    plain = {"simulcast": False, "max_bitrate": 250_000}
    await mai.do("publish_video", marker=9, width=640, height=360, fps=15, codec="VP8", **plain)

    await mai.sees("lan", marker=5)
    await lan.sees("mai", marker=9)
    await mai.hears("lan", 440)
    await lan.hears("mai", 880)

    await lan.do("send", payload=base64.b64encode(b"chac chan").decode(), reliable=True, topic="t", to=[])
    await mai.until("data", identity="lan", reliable=True, topic="t", payload=base64.b64encode(b"chac chan").decode())
    await lan.do("send", payload=base64.b64encode(b"nhanh").decode(), reliable=False, topic="t", to=["mai"])
    await mai.until("data", identity="lan", reliable=False, payload=base64.b64encode(b"nhanh").decode())

    assert await mai.do("call", identity="lan", method="echo", payload="chào") == "mai:chào"
    assert await meeting.api.call("lan", "echo", "từ bệnh viện") == ":từ bệnh viện"
    await lan.do("send_text", text="Huyết áp 120/80 " * 300, topic="story")
    await mai.until("text", identity="lan", text="Huyết áp 120/80 " * 300)

    await mai.do("set_attributes", attributes={"hand_raised": "2026-11-23T08:00:00Z"})
    await lan.until("attributes", identity="mai", changed={"hand_raised": "2026-11-23T08:00:00Z"})
    await mai.do("set_metadata", metadata='{"khoa":"Tim mạch"}')
    await lan.until("metadata", identity="mai", value='{"khoa":"Tim mạch"}')

    await lan.do("mute", kind="audio", muted=True)
    await mai.until("track_muted", identity="lan")
    await mai.hears("lan", 0)
    await lan.do("mute", kind="audio", muted=False)
    await mai.until("track_unmuted", identity="lan")
    await mai.hears("lan", 440)

    await lan.do("unpublish", kind="video")
    await mai.until("track_unpublished", identity="lan")
    await mai.hears("lan", 440)

    await lan.do("leave")
    await mai.until("participant_disconnected", identity="lan")


@pytest.mark.parametrize(("version", "options"), VARIANTS)
async def test_a_voice_repeats_itself_all_the_way_and_sounds_as_it_should(
    meeting: Meeting, version: str, options: dict[str, Any]
) -> None:
    lan = await meeting.join("lan", version, options)
    mai = await meeting.join("mai", version, options)
    await lan.do("publish_audio", hertz=440)
    await mai.hears("lan", 440)
    async with asyncio.timeout(10):
        while await mai.do("repetitions_received", identity="lan") < 50:
            await asyncio.sleep(0.1)  # Polling a peer, not waiting for a race to be over.
    await mai.hears("lan", 440)


@pytest.mark.parametrize(("one", "other"), PAIRS)
async def test_versions_meet_across(meeting: Meeting, one: Variant, other: Variant) -> None:
    an = await meeting.join("an", *one)
    binh = await meeting.join("binh", *other)
    await an.do("publish_video", marker=3, width=640, height=360, fps=15, simulcast=True, codec="VP8")
    await binh.do("publish_audio", hertz=660)
    await binh.sees("an", marker=3)
    await an.hears("binh", 660)
    assert await an.do("call", identity="binh", method="echo", payload="1") == "an:1"


@pytest.mark.parametrize("codec", ["H264", "VP9", "AV1"])
async def test_other_codecs_pass(meeting: Meeting, codec: str) -> None:
    sender = await meeting.join("sender", CURRENT, {})
    viewer = await meeting.join("viewer", CURRENT, {})
    await sender.do("publish_video", marker=6, width=640, height=360, fps=15, simulcast=False, codec=codec)
    await viewer.sees("sender", marker=6)


async def test_a_latecomer_gets_what_is_already_there(meeting: Meeting) -> None:
    early = await meeting.join("early", CURRENT, {})
    await early.do("publish_video", marker=2, width=640, height=360, fps=15, simulcast=True, codec="VP8")
    await early.do("publish_audio", hertz=523)
    await early.do("set_attributes", attributes={"role": "chair"})
    for number in range(3):
        late = await meeting.join(f"late{number}", CURRENT, {})
        await late.sees("early", marker=2)
        await late.hears("early", 523)
        assert (await late.do("roster"))["early"]["attributes"] == {"role": "chair"}


async def test_unsubscribing_stops_the_track_and_subscribing_brings_it_back(meeting: Meeting) -> None:
    speaker = await meeting.join("speaker", CURRENT, {})
    listener = await meeting.join("listener", CURRENT, {})
    await speaker.do("publish_video", marker=4, width=640, height=360, fps=15, simulcast=False, codec="VP8")
    await listener.sees("speaker", marker=4)
    await listener.do("subscribe", identity="speaker", wanted=False)
    await listener.until("track_unsubscribed", identity="speaker")
    mark = len(listener.events)
    await listener.do("subscribe", identity="speaker", wanted=True)
    await listener.until("track_subscribed", identity="speaker", since=mark)
    await listener.sees("speaker", marker=4)


@pytest.mark.parametrize(("version", "options"), VARIANTS)
async def test_the_call_survives_a_cut_socket(meeting: Meeting, version: str, options: dict[str, Any]) -> None:
    steady = await meeting.join("steady", CURRENT, {})
    shaky = await meeting.join("shaky", version, options, through_relay=True)
    await shaky.do("publish_audio", hertz=440)
    await steady.do("publish_audio", hertz=880)
    await steady.hears("shaky", 440)
    await shaky.hears("steady", 880)

    mark = len(shaky.events)
    meeting.relay.cut()
    await shaky.until("reconnecting", since=mark)
    await shaky.until("reconnected", since=mark, within=30)

    await shaky.do("set_attributes", attributes={"still": "here"})
    await steady.until("attributes", identity="shaky", changed={"still": "here"})
    await steady.hears("shaky", 440)
    await shaky.hears("steady", 880)
    assert not [event for event in steady.events if event["event"] == "participant_disconnected"]


async def test_a_second_device_takes_the_seat(meeting: Meeting) -> None:
    witness = await meeting.join("witness", CURRENT, {})
    first = await meeting.join("doctor", CURRENT, {})
    second = await meeting.join("doctor", CURRENT, {})
    gone = await first.until("disconnected")
    assert gone["reason"] == 2  # DUPLICATE_IDENTITY
    await second.do("publish_audio", hertz=700)
    await witness.hears("doctor", 700)


async def test_the_api_removes_mutes_and_closes(meeting: Meeting) -> None:
    chair = await meeting.join("chair", CURRENT, {})
    guest = await meeting.join("guest", CURRENT, {})
    sid = await guest.do("publish_audio", hertz=440)
    await chair.hears("guest", 440)

    names = {participant.identity for participant in await meeting.api.participants()}
    assert names == {"chair", "guest"}
    await meeting.api.mute("guest", sid, muted=True)
    await chair.until("track_muted", identity="guest")
    await chair.hears("guest", 0)

    await meeting.api.remove("guest")
    assert (await guest.until("disconnected"))["reason"] == 4  # PARTICIPANT_REMOVED
    await chair.until("participant_disconnected", identity="guest")

    await meeting.api.close_room()
    assert (await chair.until("disconnected"))["reason"] == 5  # ROOM_DELETED
