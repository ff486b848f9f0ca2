"""A NAT between a peer and the core, whose outer address changes when it is told to."""

from __future__ import annotations

import asyncio
from typing import Self, cast

Address = tuple[str, int]


class _Side(asyncio.DatagramProtocol):
    """Passes on what comes in."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport
        self.other: _Side | None = None
        self.partner: Address | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.partner = addr
        if self.other is not None and self.other.partner is not None:
            self.other.transport.sendto(data, self.other.partner)


class RoamingRelay:
    def __init__(self, inner: _Side, core: Address) -> None:
        self._inner = inner
        self._core = core
        self._outer: _Side | None = None

    @classmethod
    async def start(cls, core: Address) -> Self:
        loop = asyncio.get_running_loop()
        _, inner = await loop.create_datagram_endpoint(_Side, local_addr=("127.0.0.1", 0))
        relay = cls(inner, core)
        await relay.roam()
        return relay

    @property
    def address(self) -> Address:
        ip, port = self._inner.transport.get_extra_info("sockname")
        return ip, port

    async def roam(self) -> None:
        """From now on the peer comes from another port; what is sent to the former one is lost."""
        loop = asyncio.get_running_loop()
        _, outer = await loop.create_datagram_endpoint(_Side, local_addr=("127.0.0.1", 0))
        outer.partner, outer.other = self._core, self._inner
        former, self._outer, self._inner.other = self._outer, outer, outer
        if former is not None:
            former.transport.close()

    def stop(self) -> None:
        self._inner.transport.close()
        if self._outer is not None:
            self._outer.transport.close()
