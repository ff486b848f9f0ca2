"""The harness's end of `peer.js`: a participant on livekit-client in a browser, as an object with awaitable verbs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.e2e.js.chromium import Page, PageError
from tests.e2e.peer import Peer, SdkError


class JsPeer(Peer):
    """A participant in a page of its own."""

    _page: Page

    @classmethod
    async def start(cls, name: str, devtools: str, pages: str) -> JsPeer:
        """Open `peer.html` of the site at `pages` in the browser at `devtools`."""
        peer = cls(name)

        async def happened(text: str) -> None:
            await peer._happened(json.loads(text))

        peer._page = await Page.open(devtools, f"{pages}/peer.html", "tell", happened)
        return peer

    async def do(self, verb: str, *, within: float = 20.0, **arguments: Any) -> Any:
        try:
            return await asyncio.wait_for(self._page.run(f"peer.{verb}({json.dumps(arguments)})"), within)
        except PageError as error:
            raise SdkError(str(error)) from None

    @property
    def requested(self) -> list[str]:
        """Every address its page asked for."""
        return self._page.requested

    @property
    def faults(self) -> list[str]:
        """Exceptions that nobody caught."""
        return self._page.faults

    async def stop(self) -> None:
        await self._page.close()
