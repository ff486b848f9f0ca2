"""A room of which every person lives on another worker: they notice nothing of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.meeting import CURRENT, meet
from tests.running import running_server

pytestmark = pytest.mark.e2e

ONE_EACH = {"HOICHAN_MEDIA_WORKERS": "2", "HOICHAN_MEDIA_CROWD": "1"}


async def test_people_on_two_workers_see_and_hear_each_other(sdks: Path, artifacts: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, os.environ | ONE_EACH) as server:
        async with meet(server.port, sdks, artifacts) as meeting:
            lan = await meeting.join("lan", CURRENT, {})
            mai = await meeting.join("mai", CURRENT, {})
            await lan.do("publish_audio", hertz=440)
            await lan.do("publish_video", marker=5, width=640, height=360, fps=15, simulcast=True, codec="VP8")
            await mai.do("publish_audio", hertz=880)
            plain = {"simulcast": False, "max_bitrate": 250_000}
            await mai.do("publish_video", marker=9, width=640, height=360, fps=15, codec="VP8", **plain)

            await mai.hears("lan", 440)
            await lan.hears("mai", 880)
            await mai.sees("lan", marker=5)
            await lan.sees("mai", marker=9)
