"""Joining in a browser: from the call to livekit-client's `connect` to the first picture that Chromium has decoded.

The page is loaded before, and has joined before: what is measured is the server and the browser's WebRTC, not the start
of a browser. One joins after the other, since one core decodes for few; a crowd around them is the load client's.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.peers.hoichan import Hoichan
from benchmarks.peers.livekit import LiveKit
from benchmarks.peers.peer import API_KEY, API_SECRET, Unavailable
from benchmarks.processes import CLIENT_CORE, NotStarted, without_places
from benchmarks.programs import Programs
from tests.e2e.js.chromium import Page, PageError, chromium
from tests.e2e.js.meeting import browsers
from tests.e2e.meeting import Meeting, meet, token
from tests.running import ROOT

SCRIPT = Path(__file__).with_name("first_frame.js")
SERVERS = ("hoichan", "livekit")
CAMERA: dict[str, Any] = {"marker": 1, "width": 1280, "height": 720, "fps": 15, "codec": "VP8", "simulcast": False}
"""Fewer pictures than the load client's: a browser encodes them, on the core on which the others decode."""

WARM_UP_JOINS, JOINS = 5, 20
CROWDS = {1: 0, 10: 9}
"""Joins per second, and how many of them are the load client's."""

PATIENCE_SECONDS = 60


async def first_frames(peer: Hoichan | LiveKit, programs: Programs, folder: Path) -> dict[int, list[float | None]]:
    """Milliseconds of every join, by joins per second; None for who could not join. Raises NotStarted or PageError."""
    running = peer.start(folder)
    try:
        port = int(running.options[running.options.index("--url") + 1].rpartition(":")[2])
        async with meet(port, folder, folder, keys=(API_KEY, API_SECRET)) as meeting:
            with on_the_clients_core(), chromium(folder / "profile", folder / "chromium.log") as devtools:
                return await _joined(meeting, [str(programs.folder / "load"), *running.options], devtools)
    finally:
        running.process.stop()


async def _joined(meeting: Meeting, load: Sequence[str], devtools: str) -> dict[int, list[float | None]]:
    async with browsers(meeting, devtools) as everybody:
        camera = await everybody.join("camera")
        await camera.do("publish_video", **CAMERA)
        page = await Page.open(devtools, f"{everybody.pages}/peer.html", "tell", _nothing)
        try:
            await page.run(f"{SCRIPT.read_text()}; globalThis.firstFrames = firstFrames; null")
            await _join(page, meeting, "first", WARM_UP_JOINS)
            found = {}
            for rate, others in CROWDS.items():
                async with crowd(load, others):
                    found[rate] = await _join(page, meeting, f"at-{rate}", JOINS)
            return found
        finally:
            await page.close()


@asynccontextmanager
async def crowd(load: Sequence[str], joins_per_second: int) -> AsyncIterator[None]:
    """So many join in a room of their own, second by second, as long as anybody is measured."""
    if joins_per_second == 0:
        yield
        return
    people = joins_per_second * JOINS * 2
    who = ["--room", "crowd", "--subscribers", str(people), "--num-per-second", str(joins_per_second), "--quiet"]
    process = await asyncio.create_subprocess_exec(*load, *who, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield
        assert process.returncode is None, "the crowd has ended too soon"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _join(page: Page, meeting: Meeting, name: str, many: int) -> list[float | None]:
    """One of them each second."""
    tokens = [token(meeting.room, f"{name}-{place}", meeting.keys) for place in range(many)]
    words = (f"ws://{meeting.host}:{meeting.port}", tokens, 1)
    call = f"firstFrames({', '.join(json.dumps(word) for word in words)})"
    found: list[float | None] = await asyncio.wait_for(page.run(call), PATIENCE_SECONDS)
    return found


async def _nothing(_: str) -> None:
    """The page's own peer has nothing to tell: it stays outside."""


@contextmanager
def on_the_clients_core() -> Iterator[None]:
    """Everything that is started meanwhile, and this process."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CLIENT_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def missing() -> str:
    """What this machine lacks, or nothing."""
    if shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium")) is None:
        return "Chromium is not installed"
    if not (ROOT / "web_client/node_modules/livekit-client").exists():
        return "livekit-client is not installed: run `make setup` once"
    return ""


def measure_browser(programs: Programs, names: Sequence[str] = SERVERS) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Case, peer and outcome: for each server one at each rate, or the reason why there is none."""
    lacking = missing()
    for name in names:
        peer = PEERS[name]
        assert isinstance(peer, Hoichan | LiveKit)
        outcomes = {rate: {"failure": lacking} for rate in CROWDS} if lacking else _measured(peer, programs)
        yield from ((f"browser-{rate}", name, one) for rate, one in outcomes.items())


def _measured(peer: Hoichan | LiveKit, programs: Programs) -> dict[int, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        try:
            peer.prepare()
            found = asyncio.run(first_frames(peer, programs, Path(folder)))
        except (Unavailable, NotStarted, PageError, OSError, RuntimeError, AssertionError) as failure:
            reason = without_places(f"{type(failure).__name__}: {failure}")[:300]
            return {rate: {"failure": reason} for rate in CROWDS}
    return {rate: {"result": distribution(times)} for rate, times in found.items()}


def distribution(times: Sequence[float | None]) -> dict[str, Any]:
    """In the shape of the load client's result."""
    joined = sorted(time for time in times if time is not None)
    people = {"wanted": len(times), "joined": len(joined)}
    quantiles = {f"p{percent}": joined[math.ceil(percent / 100 * len(joined)) - 1] for percent in (50, 95) if joined}
    return {"participants": people, "first_frame_ms": quantiles | {"all": joined}}
