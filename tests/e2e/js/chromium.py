"""Chromium over its own DevTools protocol: a browser, and pages that share nothing."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages that nobody looks at must draw as fast as the one in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--remote-debugging-port=0",
)
_MAX_MESSAGE_BYTES = 1 << 26


@contextmanager
def chromium(profile: Path, log: Path) -> Iterator[str]:
    """The DevTools address of a browser that lives as long as the `with`; what it logs goes to `log`."""
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with (
        log.open("a") as errors,
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=errors, text=True) as process,
    ):
        assert process.stderr is not None
        address = next(found[1] for line in process.stderr if (found := re.search(r"listening on (ws://\S+)", line)))
        rest = threading.Thread(target=shutil.copyfileobj, args=(process.stderr, errors))
        rest.start()
        try:
            yield address
        finally:
            process.terminate()
            rest.join()


class PageError(Exception):
    """What a script in the page threw."""


class Page:
    """A tab in a profile of its own. `requested` is every address it asked for; bindings reach `on_call`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, http: aiohttp.ClientSession) -> None:
        self.requested: list[str] = []
        self.faults: list[str] = []
        self._socket = socket
        self._http = http
        self._session: str | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._on_call: Callable[[str], Awaitable[None]] | None = None
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, devtools: str, url: str, binding: str, on_call: Callable[[str], Awaitable[None]]) -> Self:
        """Load `url`, whose scripts find a function called `binding` that takes a text to `on_call`."""
        http = aiohttp.ClientSession()
        page = cls(await http.ws_connect(devtools, max_msg_size=_MAX_MESSAGE_BYTES), http)
        page._on_call = on_call
        context = await page._ask("Target.createBrowserContext", disposeOnDetach=True)
        target = await page._ask(
            "Target.createTarget", url="about:blank", browserContextId=context["browserContextId"], newWindow=True
        )
        attached = await page._ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page._session = attached["sessionId"]
        for domain in ("Runtime", "Network", "Page"):
            await page._ask(f"{domain}.enable")
        await page._ask("Runtime.addBinding", name=binding)
        await page._ask("Page.navigate", url=url)
        await page._loaded.wait()
        return page

    async def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise. Raises `PageError`."""
        result = await self._ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def close(self) -> None:
        self._reading.cancel()
        await self._socket.close()
        await self._http.close()

    async def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = len(self._answers) + 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        session = {} if self._session is None else {"sessionId": self._session}
        await self._socket.send_json({"id": number, "method": method, "params": parameters, **session})
        result: dict[str, Any] = await answer
        return result

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            if "error" in message:
                self._answers[message["id"]].set_exception(PageError(message["error"]["message"]))
            elif "id" in message:
                self._answers[message["id"]].set_result(message["result"])
            else:
                await self._event(message["method"], message["params"])

    async def _event(self, method: str, facts: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Network.requestWillBeSent":
                self.requested.append(facts["request"]["url"])
            case "Network.webSocketCreated":
                self.requested.append(facts["url"])
            case "Runtime.exceptionThrown":
                details = facts["exceptionDetails"]
                self.faults.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.bindingCalled" if self._on_call is not None:
                await self._on_call(facts["payload"])
            case _:
                pass
