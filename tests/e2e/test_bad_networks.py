"""What a call must survive: a network that goes dark, one that lets no UDP through, a server that starts again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.bad_network import SERVER, BadNetwork, bad_network, missing
from tests.e2e.meeting import CURRENT, SDK_VERSIONS, Meeting, meet_at

pytestmark = pytest.mark.e2e

DARK_SECONDS = 10


@pytest.fixture
def network() -> Iterator[BadNetwork]:
    if reason := missing():
        pytest.skip(reason)
    with bad_network() as there:
        yield there


@pytest.fixture
async def meeting(network: BadNetwork, sdks: Path, artifacts: Path, tmp_path: Path) -> AsyncIterator[Meeting]:
    """A meeting on a server that the person behind the bad network reaches only through it."""
    assert network.person  # It brings the address that the server binds.
    async with meet_at(SERVER, tmp_path, sdks, artifacts) as meeting:
        yield meeting


async def test_ten_seconds_in_the_dark_cost_no_seat(meeting: Meeting, network: BadNetwork) -> None:
    steady = await meeting.join("steady", CURRENT, {})
    commune = await meeting.join("commune", CURRENT, {}, prefix=network.prefix)
    await commune.do("publish_audio", hertz=440)
    await steady.do("publish_audio", hertz=880)
    await steady.hears("commune", 440)
    await commune.hears("steady", 880)

    network.goes_dark()
    await asyncio.sleep(DARK_SECONDS)  # The story's own time, not a wait for something to be over.
    network.comes_back()

    await steady.hears("commune", 440, within=30)
    await commune.hears("steady", 880, within=30)
    await commune.do("send_text", text="vẫn còn đây", topic="story")
    await steady.until("text", identity="commune", text="vẫn còn đây", within=30)
    assert not [event for event in steady.events if event["event"] == "participant_disconnected"]


@pytest.mark.parametrize("version", SDK_VERSIONS)
async def test_where_no_udp_passes_the_call_goes_over_tcp(meeting: Meeting, network: BadNetwork, version: str) -> None:
    network.lets_no_udp_through()
    steady = await meeting.join("steady", CURRENT, {})
    commune = await meeting.join("commune", version, {}, prefix=network.prefix)
    await commune.do("publish_video", marker=7, width=640, height=360, fps=10, simulcast=False, codec="VP8")
    await steady.do("publish_audio", hertz=880)
    await steady.sees("commune", marker=7, within=40)
    await commune.hears("steady", 880, within=40)
