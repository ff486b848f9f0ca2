"""A participant that a story directs, whatever it is made of."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

ENDED = "ended"
"""The last event of a participant whose process died: there is nothing more to wait for."""


class SdkError(Exception):
    """The SDK refused or failed; the text is its own."""


class Peer(ABC):
    """A running participant. `events` holds everything that happened in its room, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Condition()

    @abstractmethod
    async def do(self, verb: str, *, within: float = 20.0, **arguments: Any) -> Any:
        """Ask for `verb` and wait for its result; SdkError on a refusal or when the participant died."""

    @abstractmethod
    async def stop(self) -> None:
        """Gone at once, without a goodbye."""

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
        others: list[dict[str, int]] = []
        try:
            async with asyncio.timeout(within):
                while len(seen) < frames:
                    for picture in await self.do("watch", identity=identity):
                        (seen if picture["marker"] == marker else others).append(picture)
                    await asyncio.sleep(0.1)  # Polling a peer, not waiting for a race to be over.
        except TimeoutError:
            came = f"{len(seen)} pictures with it, {len(others)} others {others[-1:]}"
            raise AssertionError(f"{self.name} waited {within} s for {identity}'s {marker}: {came}") from None
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

    async def _happened(self, event: dict[str, Any]) -> None:
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    async def _eventually(self, found: Callable[[], dict[str, Any] | None], what: str, within: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within), self._news:
                while (event := found()) is None:
                    assert not self.events or self.events[-1]["event"] != ENDED, f"{self.name}: {self.events[-1]}"
                    await self._news.wait()
                return event
        except TimeoutError:
            raise AssertionError(f"{self.name} waited {within} s for {what}; it got {self.events}") from None
