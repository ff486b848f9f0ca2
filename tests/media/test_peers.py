"""Two strangers' WebRTC stacks meet in the core: connections, data, pictures and sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiortc import RTCDataChannel

from media.commands import CloseTransport, OpenDataChannel, SendData
from media.engine import MediaEngine
from media.events import DataChannelOpened, DataReceived, ProducerStarted, TransportFailed
from tests.media.media_content import Stripes, Tone, number_seen, pitch_heard
from tests.media.peer import PATIENCE_SECONDS, EventLog, Peer

NewPeer = Callable[[], Peer]


async def next_message(channel: RTCDataChannel) -> bytes | str:
    message: asyncio.Future[bytes | str] = asyncio.get_running_loop().create_future()
    channel.once("message", message.set_result)
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await message


async def test_a_peer_connects_over_udp_with_an_encrypted_profile(new_peer: NewPeer) -> None:
    peer = new_peer()
    connected = await peer.connect()
    assert connected.protocol == "udp"
    assert connected.srtp_profile in {"AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES128_CM_SHA1_80"}


async def test_data_flows_both_ways_on_channels_opened_by_either_side(
    engine: MediaEngine, log: EventLog, new_peer: NewPeer
) -> None:
    peer = new_peer()
    opened_by_core: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    peer.connection.on("datachannel", opened_by_core.set_result)
    await peer.connect()
    notes = peer.notes

    await log.wait_for(DataChannelOpened, lambda event: event.label == "notes")
    notes.send(b"blood pressure 120/80")
    received = await log.wait_for(DataReceived, lambda event: event.transport == peer.transport)
    assert (received.label, received.payload) == ("notes", b"blood pressure 120/80")

    reply = asyncio.ensure_future(next_message(notes))
    engine.submit(SendData(transports=(peer.transport,), label="notes", payload=b"\x00thanks" * 3000))
    assert await reply == b"\x00thanks" * 3000

    engine.submit(OpenDataChannel(transport=peer.transport, label="news", ordered=False, max_retransmits=0))
    async with asyncio.timeout(PATIENCE_SECONDS):
        news = await opened_by_core
    assert (news.label, news.ordered, news.maxRetransmits) == ("news", False, 0)


async def test_what_one_peer_shows_and_says_another_sees_and_hears(log: EventLog, new_peer: NewPeer) -> None:
    doctor, specialist = new_peer(), new_peer()
    doctor.connection.addTrack(Tone(440))
    doctor.connection.addTrack(Stripes(0b1011_0010))
    await doctor.connect()
    audio, video = doctor.published("audio"), doctor.published("video")
    for producer, _ in (audio, video):
        await log.wait_for(ProducerStarted, lambda event, producer=producer: event.producer == producer)  # type: ignore[misc]

    specialist.subscribe(*audio)
    specialist.subscribe(*video)
    await specialist.connect()
    heard, seen = (transceiver.receiver.track for transceiver in specialist.connection.getTransceivers())
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await number_seen(seen) == 0b1011_0010
        await pitch_heard(heard)  # The first frames may be the codec's warm-up.
        assert await pitch_heard(heard) == pytest.approx(440, abs=10)


async def test_ice_restarts_under_a_running_call(log: EventLog, new_peer: NewPeer, engine: MediaEngine) -> None:
    peer = new_peer()
    await peer.connect()
    notes = peer.notes
    await log.wait_for(DataChannelOpened)
    peer.restart_ice()
    notes.send(b"still here")
    await log.wait_for(DataReceived, lambda event: event.payload == b"still here")
    reply = asyncio.ensure_future(next_message(notes))
    engine.submit(SendData(transports=(peer.transport,), label="notes", payload=b"so are we"))
    assert await reply == b"so are we"


async def test_a_peer_with_another_certificate_than_announced_is_refused(log: EventLog, new_peer: NewPeer) -> None:
    impostor = new_peer()
    impostor.fingerprint_override = ":".join(["AB"] * 32)
    impostor.connection.createDataChannel("notes")
    await impostor.negotiate()
    failed = await log.wait_for(TransportFailed)
    assert (failed.transport, failed.reason) == (impostor.transport, "fingerprint-mismatch")


async def test_closing_a_transport_tells_the_peer_and_nobody_else(engine: MediaEngine, new_peer: NewPeer) -> None:
    leaving, staying = new_peer(), new_peer()
    for peer in (leaving, staying):
        await peer.connect()
    engine.submit(CloseTransport(transport=leaving.transport))
    await leaving.becomes("closed")
    assert staying.connection.connectionState == "connected"


async def test_a_peer_that_says_goodbye_is_gone_at_once(log: EventLog, new_peer: NewPeer) -> None:
    peer = new_peer()
    await peer.connect()
    await peer.close()
    failed = await log.wait_for(TransportFailed)
    assert (failed.transport, failed.reason) == (peer.transport, "closed-by-peer")
