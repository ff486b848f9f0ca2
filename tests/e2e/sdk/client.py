"""The harness's end of `peer.py`: a participant on a given SDK version, as an object with awaitable verbs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEER = Path(__file__).with_name("peer.py")


class SdkError(Exception):
    """The SDK refused or failed; the text is its own."""


class SdkPeer:
    """A running participant. `events` holds everything that happened in its room, in order."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Condition()
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, name: str, packages: Path, log: Path, prefix: tuple[str, ...] = ()) -> SdkPeer:
        """Start a process that sees the SDK in `packages` first; its standard error goes to `log`.

        `prefix` is put before the command: a network namespace to run in.
        """
        environment = {**os.environ, "PYTHONPATH": f"{packages}{os.pathsep}{PEER.parent}"}
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *prefix, sys.executable, str(PEER), env=environment, stderr=errors,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22,
            )  # fmt: skip
        return cls(name, process)

    async def do(self, verb: str, *, within: float = 20.0, **arguments: Any) -> Any:
        """Ask for `verb` and wait for its result; SdkError on a refusal or when the process died."""
        number = len(self._waiting) + 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"id": number, "do": verb, **arguments}).encode() + b"\n")
        return await asyncio.wait_for(answer, within)

    async def until(self, event: str, *, within: float = 20.0, since: int = 0, **facts: Any) -> dict[str, Any]:
        """The first event called `event` with those facts, counting from index `since`."""

        def found() -> dict[str, Any] | None:
            for candidate in self.events[since:]:
                if candidate["event"] == event and facts.items() <= candidate.items():
                    return candidate
            return None

        return await self._eventually(found, f"{event} {facts}", within)

    async def sees(self, identity: str, marker: int, *, frames: int = 5, within: float = 20.0) -> list[dict[str, int]]:
        """Wait until `frames` pictures that `identity` drew with `marker` have come, with rising counters."""
        seen: list[dict[str, int]] = []
        async with asyncio.timeout(within):
            while len(seen) < frames:
                pictures = await self.do("watch", identity=identity)
                seen += [picture for picture in pictures if picture["marker"] == marker]
                await asyncio.sleep(0.1)  # Polling a peer, not waiting for a race to be over.
        counters = [picture["counter"] for picture in seen]
        assert counters == sorted(counters), f"{self.name} saw {identity}'s pictures out of order: {counters}"
        return seen

    async def hears(self, identity: str, hertz: float, *, within: float = 20.0) -> None:
        """Wait until the pitch heard from `identity` is `hertz`, within 3 %."""
        heard = -1.0
        try:
            async with asyncio.timeout(within):
                while abs(heard - hertz) > max(0.03 * hertz, 1.0):
                    heard = await self.do("listen", identity=identity)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{self.name} hears {heard} Hz from {identity}, not {hertz}") from None

    async def stop(self) -> None:
        self._reading.cancel()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _eventually(self, found: Callable[[], dict[str, Any] | None], what: str, within: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within), self._news:
                while (event := found()) is None:
                    await self._news.wait()
                return event
        except TimeoutError:
            raise AssertionError(f"{self.name} waited {within} s for {what}; it got {self.events}") from None

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "event" in message:
                async with self._news:
                    self.events.append(message)
                    self._news.notify_all()
            elif "error" in message:
                self._waiting[message["id"]].set_exception(SdkError(message["error"]))
            else:
                self._waiting[message["id"]].set_result(message["result"])
        code = await self._process.wait()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(SdkError(f"{self.name}'s process ended with code {code}"))
