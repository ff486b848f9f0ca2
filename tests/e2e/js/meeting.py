"""Browsers in a meeting: the pages they load, and joining through them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.e2e.js.client import JsPeer
from tests.e2e.meeting import Meeting, token
from tests.running import ROOT
from tests.served import served

_FOLDERS = (Path(__file__).parent, ROOT / "web_client/node_modules/livekit-client/dist")


@dataclass
class Browsers:
    """Joins people to `meeting` with livekit-client, each in a profile of their own."""

    meeting: Meeting
    devtools: str
    pages: str
    people: list[JsPeer] = field(default_factory=list)

    async def join(
        self, identity: str, options: dict[str, Any] | None = None, *, through_relay: bool = False, **grants: Any
    ) -> JsPeer:
        """`options` are livekit-client's RoomOptions."""
        peer = await JsPeer.start(identity, self.devtools, self.pages)
        self.people.append(peer)
        self.meeting.people.append(peer)
        port = self.meeting.relay.port if through_relay else self.meeting.port
        claims = token(self.meeting.room, identity, self.meeting.keys, **grants)
        await peer.do("join", url=f"ws://127.0.0.1:{port}", token=claims, options=options or {})
        return peer

    def check(self) -> None:
        """Nothing was asked for outside of this machine, and every exception was caught."""
        hosts = {urlsplit(url).hostname for peer in self.people for url in peer.requested if "://" in url}
        assert hosts <= {"127.0.0.1"}
        assert [fault for peer in self.people for fault in peer.faults] == []


@asynccontextmanager
async def browsers(meeting: Meeting, devtools: str) -> AsyncIterator[Browsers]:
    async with served([web.get("/{name}", _file)]) as site:
        yield Browsers(meeting, devtools, site)


async def _file(request: web.Request) -> web.FileResponse:
    found = (folder / request.match_info["name"] for folder in _FOLDERS)
    return web.FileResponse(next(path for path in found if path.is_file()))
