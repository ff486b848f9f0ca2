"""An unmodified livekit-client in Chromium, in both of its modes, beyond what our own web client uses of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from livekit import api

from tests.e2e.js.chromium import chromium
from tests.e2e.js.client import JsPeer
from tests.e2e.js.meeting import Browsers, browsers
from tests.e2e.meeting import CURRENT, Meeting

pytestmark = pytest.mark.e2e

DUAL: dict[str, Any] = {"singlePeerConnection": False}
SINGLE: dict[str, Any] = {"singlePeerConnection": True}
MODES = [pytest.param(DUAL, id="dual"), pytest.param(SINGLE, id="single")]


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[str]:
    with chromium(tmp_path_factory.mktemp("profile"), artifacts / "chromium.log") as address:
        yield address


@pytest.fixture
async def js(meeting: Meeting, devtools: str) -> AsyncIterator[Browsers]:
    async with browsers(meeting, devtools) as js:
        yield js
        js.check()


async def publish(peer: JsPeer, marker: int, hertz: float, **video: Any) -> None:
    options = {"codec": "vp8", "simulcast": True, "backupCodec": False, **video}
    await peer.do("publish_video", marker=marker, width=640, height=360, fps=15, **options)
    await peer.do("publish_audio", hertz=hertz)


async def pair(js: Browsers, options: dict[str, Any]) -> tuple[JsPeer, JsPeer]:
    """Two people who see and hear each other."""
    lan = await js.join("lan", options)
    mai = await js.join("mai", options)
    await publish(lan, 5, 440)
    await publish(mai, 9, 880)
    await meet(lan, mai)
    return lan, mai


async def meet(lan: JsPeer, mai: JsPeer, *, within: float = 20.0) -> None:
    await asyncio.gather(
        mai.sees("lan", marker=5, within=within),
        mai.hears("lan", 440, within=within),
        lan.sees("mai", marker=9, within=within),
        lan.hears("mai", 880, within=within),
    )


async def shows(peer: JsPeer, verb: str, expected: dict[str, Any]) -> None:
    """Wait until what `verb` gives has all of `expected`."""
    async with asyncio.timeout(20):
        while not expected.items() <= (await peer.do(verb)).items():
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("options", MODES)
async def test_a_browser_and_a_native_client_meet(js: Browsers, meeting: Meeting, options: dict[str, Any]) -> None:
    lan = await js.join("lan", options)
    mai = await meeting.join("mai", CURRENT, {})
    await mai.do("publish_video", marker=9, width=640, height=360, fps=15, simulcast=True, codec="VP8")
    await mai.do("publish_audio", hertz=880)
    await publish(lan, 5, 440)
    await mai.sees("lan", marker=5)
    await mai.hears("lan", 440)
    await lan.sees("mai", marker=9)
    await lan.hears("mai", 880)
    assert await lan.do("call", identity="mai", method="echo", payload="chào") == "lan:chào"
    assert await mai.do("call", identity="lan", method="echo", payload="dạ") == "mai:dạ"


@pytest.mark.parametrize("options", MODES)
async def test_everything_but_pictures_and_sound(js: Browsers, options: dict[str, Any]) -> None:
    lan = await js.join("lan", options)
    mai = await js.join("mai", options)

    for reliable in (True, False):
        payload = base64.b64encode(b"mach 110").decode()
        await lan.do("send", payload=payload, topic="t", to=["mai"], reliable=reliable)
        await mai.until("data", identity="lan", topic="t", reliable=reliable, payload=payload)
    await lan.do("send_text", text="Huyết áp 120/80 " * 3000, topic="story")
    await mai.until("text", identity="lan", text="Huyết áp 120/80 " * 3000)
    digest = await lan.do("send_file", name="x-quang.dcm", size=1_000_000, topic="story")
    await mai.until("file", identity="lan", name="x-quang.dcm", digest=digest)
    assert await mai.do("call", identity="lan", method="echo", payload="chào") == "mai:chào"

    # Each of these resolves only when the server shows the change, within 5 s.
    await mai.do("set_attributes", attributes={"hand_raised": "2026-11-23T08:00:00Z"})
    await mai.do("set_metadata", metadata='{"khoa":"Tim mạch"}')
    await mai.do("set_name", name="BS Mai")
    await lan.until("attributes", identity="mai", changed={"hand_raised": "2026-11-23T08:00:00Z"})
    await lan.until("metadata", identity="mai", value='{"khoa":"Tim mạch"}')
    await lan.until("name", identity="mai", value="BS Mai")
    await mai.do("set_attributes", attributes={"hand_raised": ""})
    await lan.until("attributes", identity="mai", changed={"hand_raised": ""})


@pytest.mark.parametrize("options", MODES)
async def test_the_api_is_felt_in_the_browser(js: Browsers, meeting: Meeting, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)

    await meeting.api.describe_room("ca 14")
    await lan.until("room_metadata", value="ca 14")
    await meeting.api.send(b"bat dau", "notice", ["mai"])
    await mai.until("data", identity=None, topic="notice", payload=base64.b64encode(b"bat dau").decode())
    assert await meeting.api.call("mai", "echo", "còn đó không?") == ":còn đó không?"
    await meeting.api.update("mai", name="GS Mai", metadata="{}", attributes={"site": "Mường Lát"})
    await lan.until("name", identity="mai", value="GS Mai")
    await mai.until("metadata", identity="mai", value="{}")
    await shows(mai, "token", {"name": "GS Mai", "attributes": {"site": "Mường Lát"}})

    microphone = (await mai.until("local_track_published", kind="audio"))["sid"]
    await meeting.api.mute("mai", microphone, muted=True)
    await mai.until("track_muted", identity="mai", sid=microphone)
    await lan.until("track_muted", identity="mai", sid=microphone)
    await lan.hears("mai", 0)
    await mai.do("mute", kind="audio", muted=False)
    await lan.hears("mai", 880)

    await meeting.api.update("mai", permission=api.ParticipantPermission(can_subscribe=True, can_publish_data=True))
    await mai.until("permissions", identity="mai", can_publish=False)
    await mai.until("local_track_unpublished", kind="audio")
    await mai.until("local_track_unpublished", kind="video")
    await lan.until("track_unpublished", identity="mai", sid=microphone)
    await mai.sees("lan", marker=5)

    await meeting.api.update("mai", permission=api.ParticipantPermission(can_subscribe=True, can_publish=True))
    await mai.until("permissions", identity="mai", can_publish=True)
    await publish(mai, 9, 660)
    await lan.hears("mai", 660)
    await lan.sees("mai", marker=9)


@pytest.mark.parametrize("options", MODES)
async def test_a_publisher_says_who_may_see_it(js: Browsers, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)
    khach = await js.join("khach", options)
    await khach.hears("lan", 440)
    mark = len(khach.events)
    await lan.do("permit", everybody=False, identities=["mai"])
    await khach.until("track_unsubscribed", identity="lan", kind="audio", since=mark)
    await khach.until("track_unsubscribed", identity="lan", kind="video", since=mark)
    await meet(lan, mai)
    mark = len(khach.events)
    await lan.do("permit", everybody=True, identities=[])
    await khach.until("track_subscribed", identity="lan", kind="video", since=mark)
    await khach.sees("lan", marker=5)
    await khach.hears("lan", 440)


@pytest.mark.parametrize("options", MODES)
async def test_subscribing_by_hand(js: Browsers, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)
    for _ in range(2):
        mark = len(mai.events)
        await mai.do("subscribe", identity="lan", wanted=False)
        await mai.until("track_unsubscribed", identity="lan", kind="video", since=mark)
        await mai.do("subscribe", identity="lan", wanted=True)
        await mai.until("track_subscribed", identity="lan", kind="video", since=mark)
        await mai.do("watch", identity="lan")
        await meet(lan, mai)


@pytest.mark.parametrize("options", MODES)
async def test_publishing_again_and_again(js: Browsers, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)
    for hertz in (523, 659):
        for kind in ("audio", "video"):
            mark = len(lan.events)
            await mai.do("unpublish", kind=kind)
            await lan.until("track_unpublished", identity="mai", kind=kind, since=mark)
        await publish(mai, 9, hertz)
        await lan.sees("mai", marker=9)
        await lan.hears("mai", hertz)


@pytest.mark.parametrize("options", MODES)
@pytest.mark.parametrize(("codec", "mime_type"), [("vp9", "VP9"), ("h264", "H264"), ("av1", "AV1")])
async def test_codecs_with_the_sdks_own_defaults(
    js: Browsers, meeting: Meeting, options: dict[str, Any], codec: str, mime_type: str
) -> None:
    """VP9 and AV1 as one SVC stream with a backup codec announced; H264 as simulcast."""
    lan = await js.join("lan", options)
    mai = await js.join("mai", options)
    native = await meeting.join("native", CURRENT, {})
    await lan.do("publish_video", marker=6, width=640, height=360, fps=15, simulcast=True, codec=codec)
    await mai.sees("lan", marker=6)
    await native.sees("lan", marker=6)
    assert (await lan.do("sending"))["codec"] == f"video/{mime_type}"


@pytest.mark.parametrize("options", MODES)
async def test_what_is_shown_small_comes_small(js: Browsers, options: dict[str, Any]) -> None:
    lan = await js.join("lan", options)
    mai = await js.join("mai", {**options, "adaptiveStream": True})
    await lan.do("publish_video", marker=7, width=1280, height=720, fps=15, simulcast=True, codec="vp8")
    await mai.until("track_subscribed", identity="lan")

    await mai.do("show", identity="lan", width=320, height=180)
    await comes_wide(mai, "lan", 320)
    await mai.do("show", identity="lan", width=1280, height=720)
    await comes_wide(mai, "lan", 1280)
    await mai.do("show", identity="lan", width=320, height=180)
    await comes_wide(mai, "lan", 320)


@pytest.mark.parametrize("options", MODES)
async def test_sizes_nobody_shows_are_not_encoded_and_come_back_when_somebody_does(
    js: Browsers, options: dict[str, Any]
) -> None:
    lan = await js.join("lan", {**options, "dynacast": True})
    mai = await js.join("mai", {**options, "adaptiveStream": True})
    await lan.do("publish_video", marker=7, width=1280, height=720, fps=15, simulcast=True, codec="vp8")
    await mai.until("track_subscribed", identity="lan")

    await mai.do("show", identity="lan", width=320, height=180)
    await encodes(lan, [320])
    await comes_wide(mai, "lan", 320)
    await mai.do("show", identity="lan", width=1280, height=720)
    await encodes(lan, [320, 640, 1280])
    await comes_wide(mai, "lan", 1280)
    await mai.do("leave")
    await encodes(lan, [])


async def encodes(peer: JsPeer, widths: list[int]) -> None:
    """Wait until `peer` has just the layers of these widths switched on."""
    async with asyncio.timeout(30):
        while await peer.do("widths_on") != widths:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("codec", ["vp9", "av1"])
async def test_of_one_scalable_stream_everybody_is_sent_the_size_they_show(js: Browsers, codec: str) -> None:
    """One encoding in L3T3_KEY: one viewer's wish is nothing to another's, and a smaller size costs no key frame."""
    lan = await js.join("lan", SINGLE)
    mai = await js.join("mai", {**SINGLE, "adaptiveStream": True})
    nam = await js.join("nam", SINGLE)
    await lan.do("publish_video", marker=7, width=1280, height=720, fps=15, simulcast=True, codec=codec)
    for viewer in (mai, nam):
        await viewer.until("track_subscribed", identity="lan")
    await comes_wide(nam, "lan", 1280)
    for width, height in ((320, 180), (1280, 720), (320, 180), (640, 360)):
        await mai.do("show", identity="lan", width=width, height=height)
        await comes_wide(mai, "lan", width)
    await comes_wide(nam, "lan", 1280)
    assert await lan.do("sending") == {"codec": f"video/{codec.upper()}", "layers": 1}


async def test_who_cannot_take_vp9_is_sent_the_second_codec(js: Browsers) -> None:
    """Announced by livekit-client of itself, and sent when it is first needed: its dynacast listens for that."""
    lan = await js.join("lan", {**DUAL, "dynacast": True})
    mai = await js.join("mai", DUAL)
    old = await js.join("old", DUAL)
    await old.do("forget_codec", codec="VP9")
    await lan.do("publish_video", marker=8, width=640, height=360, fps=15, simulcast=True, codec="vp9")
    await mai.sees("lan", marker=8)
    await old.sees("lan", marker=8, within=30)
    assert (await lan.do("sending"))["codec"] == "video/VP9"


async def comes_wide(peer: JsPeer, identity: str, width: int) -> None:
    """Wait until the pictures of `identity` have this width."""
    async with asyncio.timeout(30):
        while (await peer.sees(identity, marker=7, frames=1, within=30))[-1]["width"] != width:
            await peer.do("watch", identity=identity)


@pytest.mark.parametrize("options", MODES)
async def test_who_speaks_and_how_good_the_link_is(js: Browsers, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)
    for peer in (lan, mai):
        await peer.until("speakers", identities=["lan", "mai"])
        await shows(peer, "qualities", {"lan": "excellent", "mai": "excellent"})
        await peer.until("local_track_subscribed")
    mark = len(lan.events)
    await mai.do("mute", kind="audio", muted=True)
    await lan.until("speakers", identities=["lan"], since=mark)


RETURNS = [
    "signal-reconnect",
    "resume-reconnect",
    "full-reconnect",
    "node-failure",
    "migration",
    "leave-full-reconnect",
    "disconnect-signal-on-resume",
    "disconnect-signal-on-resume-no-messages",
    "force-tcp",
    "force-tls",
]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("options", MODES)
async def test_one_call_survives_all_that_the_sdk_simulates(js: Browsers, options: dict[str, Any]) -> None:
    lan, mai = await pair(js, options)
    for scenario in RETURNS:
        mark = len(lan.events)
        await lan.do("simulate", scenario=scenario)
        await lan.until("reconnected", since=mark, within=40)
        await lan.do("watch", identity="mai")
        await meet(lan, mai, within=40)
        await writes(lan, mai, scenario)
        assert not [event for event in lan.events[mark:] if event["event"] == "disconnected"], scenario
        assert (await mai.do("roster")).keys() == {"lan"}, scenario


async def writes(one: JsPeer, other: JsPeer, text: str) -> None:
    """Write until it arrives: for two seconds after a full reconnection livekit-client 2.23 loses what it is given."""
    for last in (False, False, False, True):
        await one.do("send_text", text=text, topic="story")
        try:
            await other.until("text", identity=one.name, text=text, within=10 if last else 2)
        except AssertionError:
            if last:
                raise
        else:
            return


@pytest.mark.parametrize("options", MODES)
async def test_what_is_simulated_without_a_cut(js: Browsers, options: dict[str, Any]) -> None:
    lan = await js.join("lan", options)
    mai = await js.join("mai", options)
    await lan.do("simulate", scenario="speaker")
    await lan.until("speakers", identities=["lan"])
    await lan.do("simulate", scenario="subscriber-bandwidth", argument=100_000)
    await publish(mai, 9, 880)
    await lan.sees("mai", marker=9)
    await lan.do("simulate", scenario="server-leave")
    assert (await lan.until("disconnected"))["reason"] == 4  # PARTICIPANT_REMOVED
    await mai.until("participant_disconnected", identity="lan")
