"""A server that ends and starts again: everybody comes back by themselves, into the same room, with new sessions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.meeting import CURRENT, meet
from tests.e2e.test_sdk_matrix import VARIANTS
from tests.running import Server, free_ports

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("end", [Server.kill, Server.stop], ids=["it-died", "it-was-upgraded"])
@pytest.mark.parametrize(("version", "options"), VARIANTS)
async def test_everybody_comes_back_after_the_server(
    sdks: Path,
    artifacts: Path,
    tmp_path: Path,
    version: str,
    options: dict[str, object],
    end: Callable[[Server], None],
) -> None:
    ports = free_ports()
    server = Server.start(tmp_path, os.environ, ports=ports)
    async with meet(server.port, sdks, artifacts) as meeting:
        lan = await meeting.join("lan", version, options)
        mai = await meeting.join("mai", CURRENT, {})
        await lan.do("publish_audio", hertz=440)
        await mai.hears("lan", 440)

        end(server)
        server = Server.start(tmp_path, os.environ, ports=ports)

        await mai.until("reconnected", within=60)
        await lan.until("reconnected", within=60)
        await mai.hears("lan", 440, within=60)
        await mai.do("send_text", text="đã trở lại", topic="story")
        await lan.until("text", identity="mai", text="đã trở lại")
    server.stop()
