"""A voice on a link that loses a fifth of everything: real SDKs, and what the core brings back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.meeting import CURRENT, Meeting, meet_at
from tests.e2e.scraped import figure
from tests.links.link import Conditions
from tests.links.network import SERVER, EmulatedNetwork
from tests.running import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

LOSSY = Conditions(loss=0.2, delay=0.02)
SOUND = Conditions(delay=0.02)


@pytest.fixture
def metrics_port() -> int:
    return free_port(socket.SOCK_STREAM)


@pytest.fixture
async def meeting(
    emulated: EmulatedNetwork, metrics_port: int, sdks: Path, artifacts: Path, tmp_path: Path
) -> AsyncIterator[Meeting]:
    assert emulated.namespace  # It brings the address that the server binds.
    watched = {"HOICHAN_METRICS_ENABLED": "true", "HOICHAN_METRICS_PORT": str(metrics_port)}
    async with meet_at(SERVER, tmp_path, sdks, artifacts, **watched) as meeting:
        yield meeting


async def recovered(port: int) -> float:
    """Lost audio packets that came back in later ones, since the server's start."""
    return await figure(port, "hoichan_recovered_packets_total")


async def test_a_voice_repeats_itself_and_what_was_lost_comes_back(
    meeting: Meeting, emulated: EmulatedNetwork, metrics_port: int
) -> None:
    station = await meeting.join("station", CURRENT, {}, prefix=emulated.prefix)
    expert = await meeting.join("expert", CURRENT, {})
    await station.do("publish_audio", hertz=440)
    await expert.hears("station", 440)
    assert await recovered(metrics_port) == 0
    emulated.becomes(down=SOUND, up=LOSSY)
    async with asyncio.timeout(30):
        while await recovered(metrics_port) < 50:
            await asyncio.sleep(0.5)  # Time is what it takes to lose packets.
    await expert.hears("station", 440)
