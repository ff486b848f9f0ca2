"""Fixtures of the end-to-end stories: the SDKs, a server of our own, and a meeting in it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from livekit import api

from tests.e2e.cuttable import CuttableRelay
from tests.e2e.meeting import KEY, SDK_VERSIONS, SECRET, Meeting, RoomApi, new_room

ROOT = Path(__file__).parents[2]
START_SECONDS = 20


@pytest.fixture(scope="session")
def sdks() -> Path:
    """A folder with one sub-folder per SDK version; installed the first time, which takes a minute."""
    folder = ROOT / "build" / "sdks"
    for version in SDK_VERSIONS:
        if not (folder / version / ".complete").exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore"]
            subprocess.run([*pip, "--target", folder / version, f"livekit=={version}", "numpy"], check=True)
            (folder / version / ".complete").touch()
    return folder


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def artifacts() -> Path:
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(artifacts: Path) -> Iterator[int]:
    """`hoichan serve --dev` as a user starts it, on ports of its own; yields the HTTP port."""
    port = free_port(socket.SOCK_STREAM)
    environment = {
        **os.environ,
        "HOICHAN_HTTP_PORT": str(port),
        "HOICHAN_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "HOICHAN_MEDIA_TCP_PORT": str(free_port(socket.SOCK_STREAM)),
    }
    with (artifacts / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "signalling.cli", "serve", "--dev"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            asyncio.run(answers(port, process))
            yield port
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0, "the server did not end cleanly; see artifacts/server.log"


async def answers(port: int, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)  # Another process is starting; there is nothing of ours to wait on.
            else:
                writer.close()
                return
    pytest.fail(f"hoichan serve ended with {process.returncode}; see artifacts/server.log")


@pytest.fixture
async def meeting(server: int, sdks: Path, artifacts: Path) -> AsyncIterator[Meeting]:
    room = new_room()
    async with (
        CuttableRelay("127.0.0.1", server) as relay,
        api.LiveKitAPI(f"http://127.0.0.1:{server}", KEY, SECRET) as client,
    ):
        log = artifacts / "sdk-peers.log"
        meeting = Meeting(server, relay, sdks, log, RoomApi(client, room), room)
        yield meeting
        await asyncio.gather(*(peer.stop() for peer in meeting.people))
