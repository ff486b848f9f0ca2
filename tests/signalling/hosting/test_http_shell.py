"""Callers that take their time, and what they learn of us."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from signalling.hosting import http_shell

IDLE, LONGEST = 0.3, 0.6


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.fixture
async def port() -> AsyncIterator[int]:
    application = web.Application()
    application.add_routes([web.post("/", _echo)])
    runner = http_shell.runner(application, idle=IDLE, longest=LONGEST)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def said(port: int, beginning: bytes, drop: bytes) -> bytes:
    """All that is answered to `beginning` and then a drop now and then, until the server speaks or closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(beginning)

    async def drip() -> None:
        with contextlib.suppress(ConnectionError):
            while drop:
                await asyncio.sleep(IDLE / 4)
                writer.write(drop)
                await writer.drain()

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(10):
            first = await reader.read(1)
            dripping.cancel()  # A drop that crossed the end would reset the connection, and take the answer with it.
            return first + await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        dripping.cancel()
        writer.close()
        await asyncio.gather(dripping, writer.wait_closed(), return_exceptions=True)


async def test_whoever_never_finishes_a_header_is_cut_off(port: int) -> None:
    assert await said(port, b"POST / HTTP/1.1\r\nHost: h\r\nX-Slow: ", b"o") == b""


async def test_whoever_says_nothing_is_cut_off(port: int) -> None:
    assert await said(port, b"", b"") == b""


@pytest.mark.parametrize("pretence", [b"", b"Connection: Upgrade\r\nUpgrade: websocket\r\n"], ids=["plain", "upgrade"])
async def test_whoever_never_finishes_a_body_is_told_so(port: int, pretence: bytes) -> None:
    answer = await said(port, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n" + pretence + b"\r\n", b"o")
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"no request at all\r\n\r\n",
    ],
    ids=["answered", "not found", "not understood"],
)
async def test_no_answer_tells_what_the_server_is_made_of(port: int, request_bytes: bytes) -> None:
    answer = await said(port, request_bytes, b"")
    assert b"\r\nServer: Hoichan\r\n" in answer
    assert b"aiohttp" not in answer.lower()
    assert b"python" not in answer.lower()
