"""A core on loopback, and peers that stay on loopback too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import aioice.ice
import pytest

from media.engine import MediaEngine
from tests.media.peer import EventLog, Peer

LOOPBACK = "127.0.0.1"


@pytest.fixture(autouse=True)
def peers_stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [LOOPBACK])  # noqa: ARG005


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    engine = MediaEngine.start(udp=(LOOPBACK, 0), tcp=(LOOPBACK, 0))
    yield engine
    await engine.close()


@pytest.fixture
async def log(engine: MediaEngine) -> EventLog:
    return EventLog(engine)


@pytest.fixture
async def new_peer(engine: MediaEngine, log: EventLog) -> AsyncIterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def make(worker: int = 0) -> Peer:
        peers.append(Peer(engine, log, worker))
        return peers[-1]

    yield make
    for peer in peers:
        await peer.close()
