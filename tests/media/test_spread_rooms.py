"""One room on two workers: strangers' WebRTC stacks see and hear each other, and what happens when a worker breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from media.engine import MediaEngine
from media.events import DataReceived, ProducerStarted, TransportFailed, WorkerFault
from media.parameters import ProducerId, ProducerParameters
from tests.media.media_content import Stripes, number_seen
from tests.media.peer import PATIENCE_SECONDS, EventLog, Peer

NewPeer = Callable[[int], Peer]
Track = tuple[ProducerId, ProducerParameters]


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    engine = MediaEngine.start(udp=("127.0.0.1", 0), tcp=None, workers=2)
    yield engine
    await engine.close()


async def shows(new_peer: NewPeer, log: EventLog, worker: int, number: int) -> tuple[Peer, Track]:
    """Somebody on that worker shows a number."""
    doctor = new_peer(worker)
    doctor.connection.addTrack(Stripes(number))
    await doctor.connect()
    track = doctor.published("video")
    await log.wait_for(ProducerStarted, lambda event: event.producer == track[0])
    return doctor, track


async def watches(new_peer: NewPeer, worker: int, track: Track) -> Peer:
    specialist = new_peer(worker)
    specialist.subscribe(*track)
    await specialist.connect()
    return specialist


async def sees(specialist: Peer) -> int:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await number_seen(specialist.connection.getTransceivers()[0].receiver.track)


async def is_heard(peer: Peer, log: EventLog, words: bytes) -> bool:
    """Whether what the peer writes down arrives."""
    peer.notes.send(words)
    received = await log.wait_for(DataReceived, lambda event: event.payload == words)
    return received.transport == peer.transport


async def test_people_on_different_workers_see_each_other(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    numbers = [0b1010_0000, 0b1010_0001]
    people = [await shows(new_peer, log, worker, numbers[worker]) for worker in (0, 1)]
    watchers = [await watches(new_peer, 1 - worker, people[worker][1]) for worker in (0, 1)]
    assert [await sees(watcher) for watcher in watchers] == numbers
    assert engine.counters()["packets_relayed"] > 0
    assert engine.counters()["dropped_relay_slow"] == 0


async def test_a_worker_that_breaks_ends_its_half_of_a_room_which_comes_back(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    _, track = await shows(new_peer, log, 0, 0b1100_0001)
    near, far = [await watches(new_peer, worker, track) for worker in (0, 1)]
    assert [await sees(near), await sees(far)] == [0b1100_0001] * 2
    engine.break_worker(1)
    await log.wait_for(WorkerFault)
    await log.wait_for(TransportFailed, lambda event: event.transport == far.transport)
    assert await sees(near) == 0b1100_0001, "the other half goes on"
    assert await sees(await watches(new_peer, 1, track)) == 0b1100_0001, "and who comes back sees it"
    assert {event.transport for event in log.of(TransportFailed)} == {far.transport}


async def test_when_the_worker_of_a_publisher_breaks_who_is_elsewhere_stays_and_sees_the_next(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    doctor, track = await shows(new_peer, log, 0, 0b1100_0010)
    specialist = await watches(new_peer, 1, track)
    assert await sees(specialist) == 0b1100_0010
    engine.break_worker(0)
    await log.wait_for(TransportFailed, lambda event: event.transport == doctor.transport)
    _, again = await shows(new_peer, log, 1, 0b1100_0011)
    assert await sees(await watches(new_peer, 0, again)) == 0b1100_0011
    assert await is_heard(specialist, log, b"still here")
    assert {event.transport for event in log.of(TransportFailed)} == {doctor.transport}
