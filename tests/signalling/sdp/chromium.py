"""A headless Chromium that runs scripts, over the Chrome DevTools Protocol."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.served import served

EXECUTABLE = Path("/usr/bin/chromium")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--remote-debugging-port=0",
)


class Page:
    """One page of a browser; `run` evaluates JavaScript in it and gives the value, awaited, as JSON has it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    async def run(self, script: str) -> Any:
        expression = f"(async () => {{{script}}})()"
        result = await self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]["exception"]["description"]
        return result["result"].get("value")

    async def open(self, url: str) -> None:
        """Go to `url` and wait until it is loaded."""
        await self._call("Page.enable")
        await self._call("Page.navigate", url=url)
        await self._receive(lambda message: message.get("method") == "Page.loadEventFired")

    async def _call(self, method: str, **arguments: object) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": arguments})
        answer = await self._receive(lambda message: message.get("id") == number)
        result: dict[str, Any] = answer["result"]
        return result

    async def _receive(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        message: dict[str, Any] = {}
        while not wanted(message):
            message = await self._socket.receive_json(timeout=30)
        return message


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """A blank page on localhost, so that cameras are allowed."""
    async with _blank_site() as url, _browser() as port, aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{port}/json/list") as response:
            target = next(target for target in await response.json() if target["type"] == "page")
        async with http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            await page.open(url)
            yield page


@asynccontextmanager
async def _blank_site() -> AsyncIterator[str]:
    async def blank(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>blank</title>", content_type="text/html")

    async with served([web.get("/", blank)]) as url:
        yield f"{url}/"


@asynccontextmanager
async def _browser() -> AsyncIterator[int]:
    """Start the browser; gives the port of its DevTools."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            str(EXECUTABLE), *_FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        try:
            async with asyncio.timeout(30):
                while b"DevTools listening on" not in (line := await process.stderr.readline()):
                    assert line, "Chromium ended before it listened"
            yield int(line.split(b":")[2].split(b"/")[0])
        finally:
            process.terminate()
            await process.communicate()
