"""The harness's end of `peer.py`: a participant on a given SDK version, as an object with awaitable verbs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.e2e.peer import ENDED, Peer, SdkError

PEER = Path(__file__).with_name("peer.py")


class SdkPeer(Peer):
    """A participant on a `livekit` wheel, in a process of its own."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        super().__init__(name)
        self._process = process
        self._waiting: dict[int, asyncio.Future[Any]] = {}
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
        number = len(self._waiting) + 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"id": number, "do": verb, **arguments}).encode() + b"\n")
        return await asyncio.wait_for(answer, within)

    async def stop(self) -> None:
        self._reading.cancel()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "event" in message:
                await self._happened(message)
            elif "error" in message:
                self._waiting[message["id"]].set_exception(SdkError(message["error"]))
            else:
                self._waiting[message["id"]].set_result(message["result"])
        code = await self._process.wait()
        await self._happened({"event": ENDED, "code": code})
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(SdkError(f"{self.name}'s process ended with code {code}"))
