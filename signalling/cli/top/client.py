"""Asking the server; the token is minted per call, with no more in it than the call needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

import aiohttp

from signalling.cli.failure import ExitCode, Failure
from signalling.hosting.live_answers import Node, Room

NODE_PATH = "/api/live"
ROOM_PATH = "/api/live/room"
TIMEOUT = aiohttp.ClientTimeout(total=10)
Mint = Callable[[Mapping[str, object]], str]


class LiveClient:
    """`url` is the server's; `mint` makes a token with exactly these video grants. Methods raise Failure."""

    def __init__(self, url: str, mint: Mint, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._mint = mint
        self._session = session

    async def node(self) -> Node:
        return cast(Node, await self._get(NODE_PATH, {}, {"roomList": True}))

    async def room(self, name: str, identity: str = "") -> Room:
        """`identity` is somebody whose subscriptions must be in the answer, however large the room."""
        query = {"name": name, "identity": identity}
        return cast(Room, await self._get(ROOM_PATH, query, {"roomAdmin": True, "room": name}))

    async def _get(self, path: str, query: Mapping[str, str], grant: Mapping[str, object]) -> object:
        headers = {"Authorization": f"Bearer {self._mint(grant)}"}
        try:
            async with self._session.get(self._url + path, params=query, headers=headers, timeout=TIMEOUT) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = "it took too long" if isinstance(error, TimeoutError) else str(error)
            raise Failure(ExitCode.UNREACHABLE, f"No Hoichan server answers at {self._url}: {reason}") from error
        content = _content(body)
        if content is None:
            raise Failure(
                ExitCode.UNREACHABLE, f"{self._url} answers with status {status}, but not as a Hoichan server does."
            )
        if status == HTTPStatus.NOT_FOUND:
            raise Failure(ExitCode.NOT_FOUND, f"No room called {query.get('name', '')} is open.")
        if status != HTTPStatus.OK:
            raise Failure(ExitCode.REFUSED, f"The server refused: {content.get('title', status)}")
        return content


def _content(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
