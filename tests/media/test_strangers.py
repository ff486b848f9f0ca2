"""What a socket that is in no call can do to those that are: nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from media.commands import CreateTransport
from media.engine import MediaEngine
from media.events import DataChannelOpened, DataReceived, ProducerStarted
from tests.media.media_content import Stripes, number_seen
from tests.media.peer import PATIENCE_SECONDS, EventLog, Peer, new_ice
from tests.media.stranger import (
    CLIENT_HELLO,
    Address,
    FramingRelay,
    Stranger,
    binding_request,
    framed,
    read_frame,
    rtp,
)

NewPeer = Callable[[], Peer]


def udp_address(engine: MediaEngine) -> Address:
    return next((one.ip, one.port) for one in engine.candidates if one.protocol == "udp")


def tcp_address(engine: MediaEngine) -> Address:
    return next((one.ip, one.port) for one in engine.candidates if one.protocol == "tcp")


async def counted(engine: MediaEngine, *names: str, at_least: int) -> int:
    """Waits until the counters have come so far together. They are up to 50 ms old."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (count := sum(engine.counters().get(name, 0) for name in names)) < at_least:
            await asyncio.sleep(0.01)
    return count


async def is_alive(peer: Peer, log: EventLog) -> bool:
    """Whether a message of the peer still arrives."""
    text = random.randbytes(8)
    peer.notes.send(text)
    await log.wait_for(DataReceived, lambda event: event.payload == text)
    return True


async def test_a_client_hello_before_the_peer_proved_itself_is_dropped_and_not_answered(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    with Stranger(udp_address(engine)) as stranger:
        peers = [new_peer() for _ in range(5)]
        for peer in peers:
            for _ in range(20):
                stranger.send(CLIENT_HELLO)
            await peer.connect()
            stranger.send(CLIENT_HELLO)
        assert await counted(engine, "dropped_dtls_unknown_path", at_least=5 * 21) == 5 * 21
        assert stranger.received() == []
        assert all([await is_alive(peer, log) for peer in peers])


async def test_media_from_a_third_socket_reaches_nobody_and_moves_nothing(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    doctor, specialist = new_peer(), new_peer()
    doctor.connection.addTrack(Stripes(0b0110_1001))
    await doctor.connect()
    producer, parameters = doctor.published("video")
    await log.wait_for(ProducerStarted)
    specialist.subscribe(producer, parameters)
    await specialist.connect()
    [shown] = (transceiver.receiver.track for transceiver in specialist.connection.getTransceivers())
    ssrc, payload_type = parameters.encodings[0].ssrc, parameters.codecs[0].payload_type
    assert ssrc is not None
    with Stranger(udp_address(engine)) as stranger:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for sequence in range(30):
                assert await number_seen(shown) == 0b0110_1001
                stranger.send(rtp(payload_type, sequence, ssrc))
        assert await counted(engine, "dropped_media_unknown_path", at_least=30) == 30
        assert stranger.received() == []


async def test_ten_thousand_forged_packets_on_the_call_s_own_path_do_not_end_it(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    doctor = new_peer()
    doctor.connection.addTrack(Stripes(1))
    await doctor.connect()
    _, parameters = doctor.published("video")
    await log.wait_for(ProducerStarted)
    ssrc, payload_type = parameters.encodings[0].ssrc, parameters.codecs[0].payload_type
    assert ssrc is not None
    path = doctor.connection.sctp.transport.transport  # What a spoofer on the same 5-tuple would look like.
    for sequence in range(10_000):
        await path._send(rtp(payload_type, sequence, ssrc, size=200))
        if sequence % 100 == 0:
            await asyncio.sleep(0)
    # Numbers behind the doctor's own look like replays, and are not even tried.
    dropped = await counted(engine, "dropped_bad_tag", "dropped_replayed", at_least=5_000)
    assert dropped <= 10_000
    assert await is_alive(doctor, log)


async def test_checks_without_the_password_cost_no_more_than_they_bring(engine: MediaEngine) -> None:
    ice = new_ice()
    engine.submit(CreateTransport(transport=engine.transport_id(), ice=ice))
    with Stranger(udp_address(engine)) as stranger:
        stranger.send(binding_request("nobody:peer", "x" * 22))
        stranger.send(binding_request(f"{ice.username_fragment}:peer", None))
        stranger.send(binding_request(f"{ice.username_fragment}:peer", "x" * 22))
        for size in (0, 1, 19, 20, 1400):
            stranger.send(random.Random(size).randbytes(size))
        await counted(engine, "datagrams_received", at_least=7)
        assert sum(map(len, stranger.received())) <= stranger.bytes_sent

        stranger.send(binding_request(f"{ice.username_fragment}:peer", ice.password))
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await stranger.answer())[:2] == b"\x01\x01", "the right password gets a success response"


async def test_two_publishers_with_one_ssrc_do_not_mix(log: EventLog, new_peer: NewPeer) -> None:
    numbers = (0b1100_0011, 0b0011_1100)
    watched = []
    for number in numbers:
        doctor = new_peer()
        doctor.connection.addTrack(Stripes(number))
        doctor.connection.getSenders()[0]._ssrc = 4711
        await doctor.connect()
        producer, parameters = doctor.published("video")
        assert parameters.encodings[0].ssrc == 4711
        await log.wait_for(ProducerStarted, lambda event, producer=producer: event.producer == producer)  # type: ignore[misc]
        watched.append((producer, parameters))
    specialist = new_peer()
    for producer, parameters in watched:
        specialist.subscribe(producer, parameters)
    await specialist.connect()
    tracks = [transceiver.receiver.track for transceiver in specialist.connection.getTransceivers()]
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(10):
            assert tuple([await number_seen(track) for track in tracks]) == numbers


async def test_a_peer_behind_a_firewall_gets_through_over_tcp(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    relay = await FramingRelay.start(tcp_address(engine))
    peer = new_peer()
    peer.candidate_override = relay.address
    connected = await peer.connect()
    assert connected.protocol == "tcp"
    assert await is_alive(peer, log)
    await peer.close()
    await relay.stop()


async def test_silent_connections_crowd_out_each_other_and_not_the_honest(engine: MediaEngine) -> None:
    ice = new_ice()
    engine.submit(CreateTransport(transport=engine.transport_id(), ice=ice))
    silent = [await asyncio.open_connection(*tcp_address(engine)) for _ in range(600)]
    reader, writer = await asyncio.open_connection(*tcp_address(engine))
    writer.write(framed(binding_request(f"{ice.username_fragment}:peer", ice.password)))
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await read_frame(reader))[:2] == b"\x01\x01"
        assert await silent[0][0].read() == b"", "the oldest stranger was shown the door"
    assert engine.counters()["tcp_connections"] <= 513
    for _, one in [*silent, (reader, writer)]:
        one.close()
        await asyncio.gather(one.wait_closed(), return_exceptions=True)


async def test_a_stream_that_carries_no_frames_of_ours_is_closed(engine: MediaEngine) -> None:
    reader, writer = await asyncio.open_connection(*tcp_address(engine))
    writer.write(b"GET / HTTP/1.1\r\nHost: hoichan\r\n\r\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await reader.read() == b""
    writer.close()


async def test_the_data_channel_outlives_garbage_from_everywhere(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    peer = new_peer()
    await peer.connect()
    await log.wait_for(DataChannelOpened)
    noise = random.Random(22)
    with Stranger(udp_address(engine)) as stranger:
        for _ in range(2_000):
            stranger.send(noise.randbytes(noise.randrange(1, 1500)))
        await counted(engine, "datagrams_received", at_least=1_000)
        assert stranger.received() == []
    assert await is_alive(peer, log)
