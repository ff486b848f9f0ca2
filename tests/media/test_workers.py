"""Several workers behind one port: strangers' WebRTC stacks in rooms on each, and what happens when one breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from media.engine import MediaEngine
from media.events import DataReceived, ProducerStarted, TransportFailed, WorkerFault
from tests.media.media_content import Stripes, number_seen
from tests.media.peer import PATIENCE_SECONDS, EventLog, Peer
from tests.media.relay import RoamingRelay

LOOPBACK = "127.0.0.1"
NewPeer = Callable[[int], Peer]


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    engine = MediaEngine.start(udp=(LOOPBACK, 0), tcp=(LOOPBACK, 0), workers=2)
    yield engine
    await engine.close()


async def is_heard(peer: Peer, log: EventLog, words: bytes) -> bool:
    """Whether what the peer writes down arrives."""
    peer.notes.send(words)
    received = await log.wait_for(DataReceived, lambda event: event.payload == words)
    return received.transport == peer.transport


async def call(new_peer: NewPeer, log: EventLog, worker: int, number: int) -> tuple[Peer, Peer]:
    """Somebody shows a number to somebody, in a room on that worker."""
    doctor, specialist = new_peer(worker), new_peer(worker)
    doctor.connection.addTrack(Stripes(number))
    await doctor.connect()
    video = doctor.published("video")
    await log.wait_for(ProducerStarted, lambda event: event.producer == video[0])
    specialist.subscribe(*video)
    await specialist.connect()
    return doctor, specialist


async def sees(specialist: Peer) -> int:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await number_seen(specialist.connection.getTransceivers()[0].receiver.track)


async def test_rooms_on_different_workers_call_at_the_same_time(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    calls = [await call(new_peer, log, worker, 0b1010_0000 + worker) for worker in (0, 1)]
    assert [await sees(specialist) for _, specialist in calls] == [0b1010_0000, 0b1010_0001]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while [figures.transports for figures in engine.statistics()] != [2, 2]:
            await asyncio.sleep(0.01)
    assert engine.counters().get("dropped_dtls_unknown_path", 0) == 0
    assert engine.counters().get("dropped_media_unknown_path", 0) == 0


async def test_a_peer_whose_address_changes_stays_in_its_call(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    """Its new addresses come to either worker's socket, as the kernel likes."""
    udp = next(candidate for candidate in engine.candidates if candidate.protocol == "udp")
    relay = await RoamingRelay.start((udp.ip, udp.port))
    peer = new_peer(1)
    peer.candidate_override = relay.address
    await peer.connect()
    for number in range(3):
        await relay.roam()
        assert await is_heard(peer, log, b"from address %d" % number)
    await peer.close()
    relay.stop()


async def test_a_worker_that_breaks_takes_its_own_rooms_with_it_and_no_other(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    spared = await call(new_peer, log, 0, 0b1100_0001)
    lost = await call(new_peer, log, 1, 0b1100_0010)
    rooms = {engine.place(room): room for room in ("ward-3", "ward-4")}
    engine.break_worker(1)
    fault = await log.wait_for(WorkerFault)
    assert (fault.worker, fault.transport) == (1, None)
    for peer in lost:
        failed = await log.wait_for(TransportFailed, lambda event, peer=peer: event.transport == peer.transport)  # type: ignore[misc]
        assert failed.reason == "fault"
    assert {event.transport for event in log.of(TransportFailed)} == {peer.transport for peer in lost}
    assert await sees(spared[1]) == 0b1100_0001
    assert await is_heard(spared[0], log, b"we go on")
    assert engine.place(rooms[1]) == engine.place(rooms[0]) == 0, "its rooms come back elsewhere"
    assert await sees((await call(new_peer, log, 1, 0b1100_0011))[1]) == 0b1100_0011, "and it works again"
    assert [figures.restarts for figures in engine.statistics()] == [0, 1]
