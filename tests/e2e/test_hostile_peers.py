"""What bad input gets: a plain answer or silence at its source, while everybody else's call goes on."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest
from livekit.protocol.rtc import SessionDescription, SignalRequest, TrickleRequest

from tests.e2e.meeting import CURRENT, DEVELOPMENT, Meeting, token
from tests.e2e.raw_signal import RawSignal
from tests.e2e.sdk.client import SdkPeer

pytestmark = pytest.mark.e2e

KEY, SECRET = DEVELOPMENT


def forged(claims: dict[str, Any], *, key: str = SECRET, algorithm: str = "HS256") -> str:
    now = int(time.time())
    whole = {"iss": KEY, "sub": "eve", "nbf": now - 5, "exp": now + 600, "video": {"roomJoin": True, "room": "r"}}
    return jwt.encode({**whole, **claims}, key if algorithm != "none" else "", algorithm)


BAD_TOKENS = {
    "nothing at all": ("", 401),
    "not a token": ("abc.def.ghi", 401),
    "expired": (forged({"exp": int(time.time()) - 3600}), 401),
    "not yet valid": (forged({"nbf": int(time.time()) + 3600}), 401),
    "no expiry": (jwt.encode({"iss": KEY, "sub": "eve", "video": {"roomJoin": True, "room": "r"}}, SECRET), 401),
    "someone else's secret": (forged({}, key="another-secret-of-thirty-two-chars!"), 401),
    "unknown key": (forged({"iss": "nobody"}), 401),
    "unsigned": (forged({}, algorithm="none"), 401),
    "no right to join": (forged({"video": {"room": "r"}}), 403),
}


@pytest.mark.parametrize("case", BAD_TOKENS)
async def test_a_bad_token_is_refused_with_a_plain_reason(server: int, case: str) -> None:
    bad, status = BAD_TOKENS[case]
    async with aiohttp.ClientSession() as http:
        for path in ("rtc", "rtc/v1"):
            answer = await http.get(f"http://127.0.0.1:{server}/{path}/validate?access_token={bad}")
            reason = await answer.text()
            assert answer.status in {status, 401, 403}, (path, answer.status, reason)
            assert reason
            assert "Traceback" not in reason
            assert SECRET not in reason
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(f"ws://127.0.0.1:{server}/rtc?access_token={bad}")
        assert refusal.value.status in {status, 401, 403}


@pytest.fixture
async def call(meeting: Meeting) -> AsyncIterator[tuple[SdkPeer, SdkPeer]]:
    """Two people in a call; afterwards they must still hear each other."""
    lan = await meeting.join("lan", CURRENT, {})
    mai = await meeting.join("mai", CURRENT, {})
    await lan.do("publish_audio", hertz=440)
    await mai.hears("lan", 440)
    yield lan, mai
    await lan.do("send_text", text="còn nghe rõ không?", topic="story")
    await mai.until("text", identity="lan", text="còn nghe rõ không?")
    await mai.hears("lan", 440)
    assert not [event for event in lan.events + mai.events if event["event"] in {"reconnecting", "disconnected"}]


@pytest.mark.usefixtures("call")
async def test_garbage_frames_harm_only_their_sender(meeting: Meeting) -> None:
    noise = random.Random(7)
    async with RawSignal(meeting.port, token(meeting.room, "eve")) as eve:
        await eve.read("join")
        with contextlib.suppress(ConnectionError):  # Being cut off is a fair answer to this.
            for _ in range(200):
                await eve.socket.send_bytes(noise.randbytes(noise.randrange(1, 400)))
    async with RawSignal(meeting.port, token(meeting.room, "eve")) as eve:
        await eve.read("join")
        with contextlib.suppress(ConnectionError):  # It may be cut off before it has sent the whole.
            await eve.socket.send_bytes(b"\x00" * (3 << 20))
        await eve.closed()


@pytest.mark.usefixtures("call")
async def test_absurd_offers_and_ten_thousand_candidates_harm_nobody(meeting: Meeting) -> None:
    offers = ["", "v=0", "m=" * 100_000, "v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\n", "\ud7ff" * 500]
    for text in offers:
        async with RawSignal(meeting.port, token(meeting.room, "eve")) as eve:
            await eve.read("join")
            offer = SessionDescription(type="offer", sdp=text, id=1)
            await eve.socket.send_bytes(SignalRequest(offer=offer).SerializeToString())
            await eve.socket.send_bytes(SignalRequest(ping=1).SerializeToString())
            await eve.read("pong")
    async with RawSignal(meeting.port, token(meeting.room, "eve")) as eve:
        await eve.read("join")
        init = '{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}'
        flood = SignalRequest(trickle=TrickleRequest(candidateInit=init)).SerializeToString()
        for _ in range(10_000):
            await eve.socket.send_bytes(flood)
        await eve.socket.send_bytes(SignalRequest(ping=1).SerializeToString())
        await eve.read("pong")


async def test_a_client_that_stops_reading_is_let_go(meeting: Meeting, call: tuple[SdkPeer, SdkPeer]) -> None:
    lan, mai = call
    async with RawSignal(meeting.port, token(meeting.room, "sloth")) as sloth:
        await sloth.read("join")
        await mai.until("participant_connected", identity="sloth")
        for number in range(300):  # Each update goes to everyone; sloth's socket fills and is given up.
            await lan.do("set_metadata", metadata=f"{number} {'x' * 30_000}")
    await mai.until("metadata", identity="lan", value=f"299 {'x' * 30_000}")


def media_port(server_offer: str) -> int:
    candidates = [line.split() for line in server_offer.splitlines() if line.startswith("a=candidate:")]
    return next(int(fields[5]) for fields in candidates if fields[2].lower() == "udp")


@pytest.mark.usefixtures("call")
async def test_strangers_get_silence_from_the_media_port(meeting: Meeting) -> None:
    async with RawSignal(meeting.port, token(meeting.room, "eve")) as eve:
        await eve.read("join")
        port = media_port((await eve.read("offer")).sdp)
        noise = random.Random(11)
        binding = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + noise.randbytes(12)
        hello = b"\x16\xfe\xfd" + bytes(8) + b"\x00\x40\x01" + noise.randbytes(63)
        rtp = b"\x80\x60" + noise.randbytes(1000)
        rtcp = b"\x81\xcd\x00\x03" + noise.randbytes(12)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            for _ in range(2000):
                for datagram in (binding, hello, rtp, rtcp, noise.randbytes(noise.randrange(1, 1400))):
                    stranger.sendto(datagram, ("127.0.0.1", port))
                await asyncio.sleep(0)
            await asyncio.sleep(0.5)  # Time for an answer that must not come.
            with pytest.raises(BlockingIOError):
                stranger.recvfrom(2048)


async def test_rights_are_enforced_where_they_are_asked_for(meeting: Meeting) -> None:
    speaker = await meeting.join("speaker", CURRENT, {})
    listener = await meeting.join("listener", CURRENT, {}, can_publish=False, can_publish_data=False)
    with pytest.raises(Exception, match=r"(?i)permission|allowed|timed? ?out|timeout"):
        await listener.do("publish_audio", hertz=440, within=25)
    deaf = await meeting.join("deaf", CURRENT, {}, can_subscribe=False)
    await speaker.do("publish_audio", hertz=440)
    await listener.hears("speaker", 440)
    assert not [event for event in deaf.events if event["event"] == "track_subscribed"]
