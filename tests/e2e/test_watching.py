"""Whoever runs the server watches a call: in Prometheus' figures, and in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.meeting import CURRENT, meet
from tests.running import MODULE, ROOT, Server, free_port

pytestmark = pytest.mark.e2e

MEDIA = tuple(
    f"hoichan_{name}_total" for name in ("packets_received", "packets_sent", "received_bytes", "udp_sent_bytes")
)
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(port: int) -> Samples:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value for each in families for sample in each.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def of_all_workers(samples: Samples, name: str, **labels: str) -> float:
    return sum(
        sample for (sampled, given), sample in samples.items() if sampled == name and set(labels.items()) <= given
    )


async def later_than(early: Samples, port: int) -> Samples:
    """A scrape after more media has gone both ways."""
    async with asyncio.timeout(10):
        while True:
            later = await scraped(port)
            if all(value(later, name) > value(early, name) > 0 for name in MEDIA):
                return later
            await asyncio.sleep(0.1)


async def top(server: Server, *options: str) -> str:
    """What `hoichan top` prints in a terminal of 80 columns."""
    process = await asyncio.create_subprocess_exec(
        *MODULE, "top", "--dev", "--url", server.url, *options,
        cwd=ROOT, env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


async def received(server: Server, room: str, identity: str) -> list[Any]:
    looked = json.loads(await top(server, "--json", "--room", room))
    people = {person["identity"]: person for person in looked["room"]["participants"]}
    tracks: list[Any] = people[identity]["receives"]
    return tracks


async def test_a_call_is_seen_by_whoever_runs_the_server(sdks: Path, artifacts: Path, tmp_path: Path) -> None:
    metrics_port = free_port(socket.SOCK_STREAM)
    environment = {**os.environ, "HOICHAN_METRICS_ENABLED": "true", "HOICHAN_METRICS_PORT": str(metrics_port)}
    server = await asyncio.to_thread(Server.start, tmp_path, environment)
    async with meet(server.port, sdks, artifacts) as meeting:
        lan = await meeting.join("lan", CURRENT, {})
        mai = await meeting.join("mai", CURRENT, {})
        await lan.do("publish_audio", hertz=440)
        await mai.hears("lan", 440)
        early = await scraped(metrics_port)
        later = await later_than(early, metrics_port)

        [track] = await received(server, meeting.room, "mai")
        picture = await top(server, "--once", "--room", meeting.room)

    assert value(later, "hoichan_participants") == 2
    assert value(later, "hoichan_tracks", kind="audio") == 1
    assert value(later, "hoichan_subscriptions", kind="audio") == 1
    assert value(later, "hoichan_join_seconds_count") == 2
    assert value(later, "hoichan_room_events_total", event="participant_joined") == 2
    assert value(later, "hoichan_signalling_messages_sent_total", message="join") == 2
    assert of_all_workers(later, "hoichan_worker_cpu_seconds_total") > 0
    assert of_all_workers(later, "hoichan_udp_run_length_datagrams_bucket", le="+Inf") > 0
    assert not any(meeting.room in label or label in {"lan", "mai"} for _, labels in later for _, label in labels)

    assert (track["publisher"], track["source"], track["reason"]) == ("lan", "microphone", "wish")
    assert "microphone of lan" in picture
    assert "as wished" in picture
    assert max(map(len, picture.splitlines())) <= 80
    await asyncio.to_thread(server.stop)
