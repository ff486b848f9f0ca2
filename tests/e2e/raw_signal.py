"""A signalling client with no manners: sends any frame, and stops reading when told to."""

from __future__ import annotations

from typing import Any, Self

import aiohttp
from livekit.protocol.rtc import SignalResponse


class RawSignal:
    """A WebSocket to `/rtc`. Use as an async context manager; the first message read is the join answer."""

    def __init__(self, port: int, token: str, query: str = "protocol=17&auto_subscribe=1&sdk=python") -> None:
        self._url = f"ws://127.0.0.1:{port}/rtc?access_token={token}&{query}"

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        self.socket = await self._http.ws_connect(self._url, max_msg_size=0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def read(self, kind: str, *, within: float = 10.0) -> Any:
        """The next message of `kind` ("join", "pong", …); others are passed over."""
        while True:
            frame = await self.socket.receive(timeout=within)
            assert frame.type is aiohttp.WSMsgType.BINARY, f"the socket gave {frame.type!r} {frame.data!r}"
            message = SignalResponse.FromString(frame.data)
            if message.WhichOneof("message") == kind:
                return getattr(message, kind)

    async def closed(self, *, within: float = 10.0) -> int | None:
        """Read on until the server closes; the close code."""
        while True:
            frame = await self.socket.receive(timeout=within)
            if frame.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
                return self.socket.close_code
