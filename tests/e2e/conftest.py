"""Fixtures of the end-to-end stories: the SDKs, a server of our own, and a meeting in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.meeting import SDK_VERSIONS, Meeting, meet
from tests.links.network import EmulatedNetwork, emulated_network, missing
from tests.running import ROOT, running_server


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


@pytest.fixture(scope="session")
def artifacts() -> Path:
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The HTTP port of a server that all stories share; each has a room of its own in it."""
    with running_server(tmp_path_factory.mktemp("server"), os.environ) as server:
        yield server.port


@pytest.fixture
async def meeting(server: int, sdks: Path, artifacts: Path) -> AsyncIterator[Meeting]:
    async with meet(server, sdks, artifacts) as meeting:
        yield meeting


@pytest.fixture
def emulated() -> Iterator[EmulatedNetwork]:
    """A link of its own for one person, perfect at first."""
    if reason := missing():
        pytest.skip(reason)
    with emulated_network() as network:
        yield network
