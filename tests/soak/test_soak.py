"""Half an hour of people who come, go and lose their link: at every low tide the server holds what it held before.

`SOAK_SECONDS` sets how long; `make soak` takes 1800, `make test` a shortened one.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.meeting import CURRENT, Meeting, meet
from tests.e2e.sdk.client import SdkPeer
from tests.running import ROOT, free_ports

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

SECONDS = float(os.environ.get("SOAK_SECONDS", "45"))
WARM_UP_TIDES = 2
MEMORY_GROWTH = 0.05
LOW_TIDE_SECONDS = 30
PEOPLE = ("lan", "mai", "nam", "hoa")
SEED = 20_261_123
CLIENTS: list[tuple[str, dict[str, Any]]] = [
    ("1.0.25", {}),
    ("1.1.12", {}),
    (CURRENT, {"single_peer_connection": False}),
    (CURRENT, {"single_peer_connection": True}),
]


@dataclass
class Observed:
    """A server that tells what it holds."""

    port: int
    process: asyncio.subprocess.Process

    async def holdings(self) -> dict[str, int]:
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout
        async with asyncio.timeout(10):
            told: dict[str, int] = json.loads(await self.process.stdout.readline())
        return told


@asynccontextmanager
async def observed_server(log: Path) -> AsyncIterator[Observed]:
    port, ports = free_ports()
    environment = {**os.environ, **ports, "HOICHAN_ROOMS_DEPARTURE_TIMEOUT_SECONDS": "1"}
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.soak.observed",
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    assert process.stdout
    assert b"url" in await process.stdout.readline(), f"the server did not start; see {log}"
    try:
        yield Observed(port, process)
    finally:
        process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def tide(meeting: Meeting, chance: random.Random) -> None:
    """Four people meet, in an order and with accidents of their own, and all of them leave."""
    people = [await arrive(meeting, name, chance) for name in chance.sample(PEOPLE, len(PEOPLE))]
    for seen, onlooker in zip(people, people[1:] + people[:1], strict=True):
        await onlooker.sees(seen.name, marker=marker(seen.name), frames=2, within=30)
    since = [len(person.events) for person in people]
    meeting.relay.cut()
    for person, first in zip(people, since, strict=True):
        await person.until("reconnected", since=first, within=30)
    early = chance.choice(people)
    await early.do("leave")
    again = await arrive(meeting, early.name, chance)
    neighbour = next(person.name for person in people if person is not early)
    await again.sees(neighbour, marker(neighbour), frames=2, within=30)
    await asyncio.gather(*(person.do("leave") for person in {*people, again} - {early}))
    await asyncio.gather(*(person.stop() for person in meeting.people))
    meeting.people.clear()


async def arrive(meeting: Meeting, name: str, chance: random.Random) -> SdkPeer:
    person = await meeting.join(name, *chance.choice(CLIENTS), through_relay=True)
    await person.do("publish_audio", hertz=440)
    await person.do(
        "publish_video",
        marker=marker(name),
        width=320,
        height=180,
        fps=10,
        simulcast=chance.random() < 0.5,
        codec="VP8",
    )
    return person


def marker(name: str) -> int:
    return PEOPLE.index(name) + 1


async def low_tide(meeting: Meeting, server: Observed) -> dict[str, int]:
    """What is held once the last room has closed."""
    async with asyncio.timeout(LOW_TIDE_SECONDS):
        while await meeting.api.rooms():
            await asyncio.sleep(0.2)  # Polling another process, not waiting for a race to be over.
    return await server.holdings()


async def test_nothing_is_left_behind_by_people_who_come_and_go(sdks: Path, artifacts: Path) -> None:
    chance = random.Random(SEED)
    held: list[dict[str, int]] = []
    logs = artifacts / "soak"
    logs.mkdir(exist_ok=True)
    async with observed_server(logs / "server.log") as server:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(held) <= WARM_UP_TIDES:
            async with meet(server.port, sdks, logs) as meeting:
                await tide(meeting, chance)
                held.append(await low_tide(meeting, server))
    (logs / "held.json").write_text(json.dumps(held, indent=1), encoding="utf-8")
    settled, *later = held[WARM_UP_TIDES - 1 :]
    for now in later:
        assert {key: now[key] for key in ("tasks", "files", "threads")} == {
            key: settled[key] for key in ("tasks", "files", "threads")
        }
    assert later[-1]["memory"] <= settled["memory"] * (1 + MEMORY_GROWTH)
