"""The WebSocket shell: frames in, frames out, and a bound on what a client leaves unread."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from typing import Literal

from aiohttp import WSMsgType, web
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from livekit.protocol import rtc

from signalling.client.message import Message
from signalling.client.validator import Validator

MAX_FRAME_BYTES = 2 * 1024 * 1024
HEARTBEAT_SECONDS = 10.0
"""Go clients send no pings of their own: this is how we learn that a connection is dead."""

MAX_UNREAD_MESSAGES = 2_000
MAX_UNREAD_BYTES = 4 * 1024 * 1024
CLOSE_SECONDS = 5.0

Way = Literal["received", "sent"]
"""Seen from the server; with a message's name in the protocol it is what messages are counted under."""

_logger = logging.getLogger(__name__)


class ClientConnection:
    """One WebSocket. What is sent waits here until the client reads; beyond the bounds the client is cut off.

    Answers are binary, until the client has sent text: then JSON. `write` is the one writer. A message that would crash
    the client is a fault of ours, and costs it the connection: it comes back to its seat.
    """

    def __init__(
        self, request: web.Request, *, single: bool, counters: Counter[str], messages: Counter[tuple[Way, str]]
    ) -> None:
        self._request = request
        self._validator = Validator(single=single)
        self._counters = counters
        self._messages = messages
        self._unread: deque[Message] = deque()
        self._unread_bytes = 0
        self._news = asyncio.Event()
        self._closing = False
        self._json = False
        self.socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES, timeout=CLOSE_SECONDS
        )

    def send(self, message: Message) -> None:
        if self._closing:
            return
        try:
            self._validator.check(message)
        except AssertionError:
            _logger.exception("a message that its client could not bear was not sent; its connection is cut")
            self._counters["invalid_response"] += 1
            self.hang_up(abruptly=True)
            return
        self._messages["sent", message.kind] += 1
        self._unread.append(message)
        self._unread_bytes += len(message.encoded)
        if len(self._unread) > MAX_UNREAD_MESSAGES or self._unread_bytes > MAX_UNREAD_BYTES:
            self._counters["client_does_not_read"] += 1
            self.hang_up(abruptly=True)
        self._news.set()

    def hang_up(self, *, abruptly: bool) -> None:
        self._closing = True
        self._news.set()
        if abruptly:
            self._unread.clear()
            if self._request.transport is not None:
                self._request.transport.abort()

    async def write(self) -> None:
        """Send what waits, until the connection is to be closed; then close it."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._unread:
                message = self._unread.popleft()
                self._unread_bytes -= len(message.encoded)
                await self._write_one(message)
            if self._closing:
                await self.socket.close()
                return

    async def read(self) -> rtc.SignalRequest | None:
        """The next request; None when the connection has ended."""
        request = await self._read_one()
        if request is not None:
            self._messages["received", request.WhichOneof("message") or "unknown"] += 1
        return request

    async def _read_one(self) -> rtc.SignalRequest | None:
        """What is no request is counted and skipped."""
        while True:
            message = await self.socket.receive()
            try:
                if message.type is WSMsgType.BINARY:
                    return rtc.SignalRequest.FromString(message.data)
                if message.type is WSMsgType.TEXT:
                    self._json = True
                    return json_format.Parse(message.data, rtc.SignalRequest(), ignore_unknown_fields=True)
            except (DecodeError, json_format.ParseError, ValueError, RecursionError):
                self._counters["malformed_frame"] += 1
                continue
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return None

    async def _write_one(self, message: Message) -> None:
        if self._json:
            await self.socket.send_str(message.text)
        else:
            await self.socket.send_bytes(message.encoded)
