"""The asyncio face: starting, asking for more than fits, listening, closing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from media.commands import CloseTransport, CreateTransport, RemoveProducer, SendData
from media.engine import MediaEngine
from media.events import CommandFailed, Event, TransportFailed
from media.parameters import IceParameters, ProducerId
from tests.media.peer import EventLog, new_ice

LOOPBACK = "127.0.0.1"


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_candidates_prefer_udp_and_name_what_is_announced() -> None:
    engine = MediaEngine.start(udp=("0.0.0.0", 0), tcp=(LOOPBACK, 0), announced_ips=("192.0.2.7", "192.0.2.8"))
    priorities = [candidate.priority for candidate in engine.candidates]
    assert priorities == sorted(set(priorities), reverse=True)
    assert [(candidate.ip, candidate.protocol) for candidate in engine.candidates] == [
        ("192.0.2.7", "udp"),
        ("192.0.2.8", "udp"),
        ("192.0.2.7", "tcp"),
        ("192.0.2.8", "tcp"),
    ]
    assert engine.fingerprint.algorithm == "sha-256"
    assert len(bytes.fromhex(engine.fingerprint.value.replace(":", ""))) == 32
    await engine.close()


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((LOOPBACK, 0))
        address = holder.getsockname()
        with pytest.raises(OSError, match=f"cannot bind UDP {address[0]}:{address[1]}"):
            MediaEngine.start(udp=address, tcp=None)


async def test_a_wildcard_without_announced_addresses_is_refused() -> None:
    with pytest.raises(ValueError, match="wildcard"):
        MediaEngine.start(udp=("0.0.0.0", 0), tcp=None)


async def test_closing_leaves_no_descriptor_and_may_be_repeated() -> None:
    before = open_descriptors()
    engine = MediaEngine.start(udp=(LOOPBACK, 0), tcp=(LOOPBACK, 0))
    tcp = next(candidate for candidate in engine.candidates if candidate.protocol == "tcp")
    _, writer = await asyncio.open_connection(tcp.ip, tcp.port)
    engine.submit(CreateTransport(transport=engine.transport_id(), ice=new_ice()))
    await engine.close()
    await engine.close()
    engine.submit(RemoveProducer(producer=ProducerId(1)))
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    assert open_descriptors() == before


async def test_commands_beyond_the_queue_wait_and_keep_their_order(engine: MediaEngine, log: EventLog) -> None:
    unknown = [ProducerId(number) for number in range(1, 20_001)]
    engine.submit(*(RemoveProducer(producer=producer) for producer in unknown))
    await log.wait_for(CommandFailed, lambda event: event.id == unknown[-1])
    assert [event.id for event in log.of(CommandFailed)] == unknown


async def test_what_cannot_be_carried_out_is_said_by_name(engine: MediaEngine, log: EventLog) -> None:
    taken, ice = engine.transport_id(), new_ice()
    weak = IceParameters(username_fragment="abcd", password="short")
    engine.submit(
        CreateTransport(transport=taken, ice=ice),
        CreateTransport(transport=taken, ice=new_ice()),
        CreateTransport(transport=engine.transport_id(), ice=ice),
        CreateTransport(transport=engine.transport_id(), ice=weak),
        RemoveProducer(producer=engine.producer_id()),
    )
    await log.wait_for(CommandFailed, lambda event: event.command == "RemoveProducer")
    assert [event.reason for event in log.of(CommandFailed)] == [
        "duplicate-transport",
        "duplicate-fragment",
        "malformed-ice",
        "unknown-producer",
    ]


async def test_closing_what_is_gone_already_is_no_failure(engine: MediaEngine, log: EventLog) -> None:
    engine.submit(
        CloseTransport(transport=engine.transport_id()),
        SendData(transports=(engine.transport_id(),), label="notes", payload=b""),
        RemoveProducer(producer=ProducerId(9)),
    )
    await log.wait_for(CommandFailed)
    assert [event.command for event in log.of(CommandFailed)] == ["RemoveProducer"]


async def test_a_listener_that_fails_does_not_starve_the_others(engine: MediaEngine) -> None:
    loop = asyncio.get_running_loop()
    reported: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: reported.append(context))
    heard: asyncio.Future[Sequence[Event]] = loop.create_future()

    def broken(events: Sequence[Event]) -> None:
        raise RuntimeError(f"cannot digest {len(events)} events")

    engine.subscribe(broken)
    engine.subscribe(heard.set_result)
    engine.submit(RemoveProducer(producer=ProducerId(9)))
    assert len(await heard) == 1
    assert isinstance(reported[0]["exception"], RuntimeError)


async def test_an_undone_subscription_hears_nothing_more(engine: MediaEngine, log: EventLog) -> None:
    heard: list[Event] = []
    undo = engine.subscribe(heard.extend)
    undo()
    undo()
    engine.submit(RemoveProducer(producer=ProducerId(9)))
    await log.wait_for(CommandFailed)
    assert heard == []


def test_events_are_values_that_can_be_built_compared_and_matched() -> None:
    event: Event = TransportFailed(transport=3, reason="timeout")
    assert event == TransportFailed(transport=3, reason="timeout")
    assert event != TransportFailed(transport=4, reason="timeout")
    match event:
        case TransportFailed(transport, "timeout"):
            assert transport == 3
        case _:
            pytest.fail("the pattern matches by position")
