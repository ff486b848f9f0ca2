"""A voice on a link that loses a fifth of everything: real SDKs, and what the core brings back."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.meeting import CURRENT, HOSPITAL, Meeting, meet
from tests.links.link import Conditions
from tests.links.network import SERVER, EmulatedNetwork, emulated_network, missing
from tests.running import KEYS, free_port, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

LOSSY = Conditions(loss=0.2, delay=0.02)
SOUND = Conditions(delay=0.02)


@pytest.fixture
def network() -> Iterator[EmulatedNetwork]:
    if reason := missing():
        pytest.skip(reason)
    with emulated_network() as there:
        yield there


@pytest.fixture
def metrics_port() -> int:
    return free_port(socket.SOCK_STREAM)


@pytest.fixture
async def meeting(
    network: EmulatedNetwork, metrics_port: int, sdks: Path, artifacts: Path, tmp_path: Path
) -> AsyncIterator[Meeting]:
    assert network.namespace  # It brings the address that the server binds.
    reachable = {
        **os.environ,
        "HOICHAN_HTTP_HOST": SERVER,
        "HOICHAN_MEDIA_HOST": SERVER,
        "HOICHAN_METRICS_ENABLED": "true",
        "HOICHAN_METRICS_PORT": str(metrics_port),
        KEYS: ": ".join(HOSPITAL),
    }
    with running_server(tmp_path, reachable) as server:
        async with meet(server.port, sdks, artifacts, host=SERVER, keys=HOSPITAL) as meeting:
            yield meeting


async def recovered(port: int) -> float:
    """Lost audio packets that came back in later ones, since the server's start."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    events = (sample for family in families for sample in family.samples)
    return next((one.value for one in events if one.labels.get("event") == "recovered_packets"), 0.0)


async def test_a_voice_repeats_itself_and_what_was_lost_comes_back(
    meeting: Meeting, network: EmulatedNetwork, metrics_port: int
) -> None:
    station = await meeting.join("station", CURRENT, {}, prefix=network.prefix)
    expert = await meeting.join("expert", CURRENT, {})
    await station.do("publish_audio", hertz=440)
    await expert.hears("station", 440)
    assert await recovered(metrics_port) == 0
    network.becomes(down=SOUND, up=LOSSY)
    async with asyncio.timeout(30):
        while await recovered(metrics_port) < 50:
            await asyncio.sleep(0.5)  # Time is what it takes to lose packets.
    await expert.hears("station", 440)
