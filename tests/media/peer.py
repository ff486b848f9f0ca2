"""aiortc as a peer of the core: it offers, and its offer is answered by hand, without our own SDP module."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import MediaDescription, SessionDescription

from media.commands import AddConsumer, AddProducer, Command, ConnectTransport, CreateTransport, RestartIce
from media.engine import MediaEngine
from media.events import Event, TransportConnected
from media.parameters import (
    ConsumerId,
    ConsumerParameters,
    DtlsFingerprint,
    DtlsParameters,
    IceParameters,
    PayloadTypeMapping,
    ProducerId,
    ProducerParameters,
    RtpCodecParameters,
    RtpEncodingParameters,
    RtpHeaderExtensionParameters,
    TransportId,
)
from media.placement import fragment_prefix

MIME_TYPES = {"audio": "audio/opus", "video": "video/VP8"}
PATIENCE_SECONDS = 20.0

E = TypeVar("E")


class EventLog:
    """Everything the core has told, and who waits for what."""

    def __init__(self, engine: MediaEngine) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()
        engine.subscribe(self._append)

    def of(self, kind: type[E]) -> Iterator[E]:
        return (event for event in self.events if isinstance(event, kind))

    async def wait_for(self, kind: type[E], matches: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of `kind` that matches, past or to come."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = next((event for event in self.of(kind) if matches(event)), None)
                if found is not None:
                    return found
                self._news.clear()
                await self._news.wait()

    def _append(self, events: object) -> None:
        assert isinstance(events, list)
        self.events += events
        self._news.set()


def new_ice(worker: int = 0) -> IceParameters:
    fragment = fragment_prefix(worker) + secrets.token_hex(4)
    return IceParameters(username_fragment=fragment, password=secrets.token_hex(16))


@dataclass
class Subscription:
    """What one recvonly section of the peer is to receive."""

    producer: ProducerId
    sent_as: ProducerParameters
    consumer: ConsumerId
    ssrc: int = field(default_factory=lambda: secrets.randbits(32))
    rtx_ssrc: int = field(default_factory=lambda: secrets.randbits(32))


class Peer:
    """One aiortc peer connection and the transport of the core that it talks to."""

    def __init__(self, engine: MediaEngine, log: EventLog, worker: int = 0) -> None:
        self.connection = RTCPeerConnection()
        self.transport: TransportId = engine.transport_id()
        self.worker = worker
        self.ice = new_ice(worker)
        self.notes: RTCDataChannel
        self.fingerprint_override: str | None = None
        self.candidate_override: tuple[str, int] | None = None
        self._engine = engine
        self._log = log
        self._subscriptions: dict[str, Subscription] = {}
        self._is_created = False

    def published(self, kind: str) -> tuple[ProducerId, ProducerParameters]:
        """A producer for what the peer sends in its first section of `kind`; it is added to the core."""
        section = next(section for section in self._offer().media if section.kind == kind)
        parameters = producer_parameters(section)
        producer = self._engine.producer_id()
        self._engine.submit(AddProducer(producer=producer, transport=self.transport, parameters=parameters))
        return producer, parameters

    def subscribe(self, producer: ProducerId, sent_as: ProducerParameters) -> ConsumerId:
        """Asks to receive `producer`. Takes effect with the next `negotiate`."""
        transceiver = self.connection.addTransceiver(sent_as.kind, direction="recvonly")
        subscription = Subscription(producer, sent_as, self._engine.consumer_id())
        self._subscriptions[str(id(transceiver))] = subscription
        return subscription.consumer

    async def negotiate(self) -> None:
        """Offers, and applies the answer that the core's parameters make."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self._offer()
        self._engine.submit(*self._transport_commands(offer))
        self._engine.submit(*self._consumer_commands(offer))
        answer = "\r\n".join(self._answer(offer)) + "\r\n"
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    async def connect(self) -> TransportConnected:
        """Negotiates with a data channel of the peer's, `notes`, and whatever else was added; until connected."""
        self.notes = self.connection.createDataChannel("notes")
        is_open = asyncio.Event()
        self.notes.on("open", is_open.set)
        await self.negotiate()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await is_open.wait()
        return await self.connected()

    async def connected(self) -> TransportConnected:
        """Both sides say so."""
        event = await self._log.wait_for(TransportConnected, lambda event: event.transport == self.transport)
        await self.becomes("connected")
        return event

    async def becomes(self, state: str) -> None:
        """Until the peer's own stack is in this `connectionState`."""
        reached = asyncio.Event()

        def look() -> None:
            if self.connection.connectionState == state:
                reached.set()

        self.connection.on("connectionstatechange", look)
        look()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reached.wait()
        self.connection.remove_listener("connectionstatechange", look)

    async def close(self) -> None:
        await self.connection.close()

    def _offer(self) -> SessionDescription:
        return SessionDescription.parse(self.connection.localDescription.sdp)

    def _transport_commands(self, offer: SessionDescription) -> Iterator[Command]:
        if not self._is_created:
            self._is_created = True
            yield CreateTransport(transport=self.transport, ice=self.ice)
        section = offer.media[0]
        fingerprints = tuple(
            DtlsFingerprint(algorithm=fingerprint.algorithm, value=self.fingerprint_override or fingerprint.value)
            for fingerprint in section.dtls.fingerprints
            if fingerprint.algorithm == "sha-256"
        )
        yield ConnectTransport(
            transport=self.transport,
            ice=IceParameters(username_fragment=section.ice.usernameFragment, password=section.ice.password),
            dtls=DtlsParameters(role="client", fingerprints=fingerprints),
        )

    def restart_ice(self) -> None:
        """New credentials on the core's side; the peer learns of them with the next answer."""
        self.ice = new_ice(self.worker)
        self._engine.submit(RestartIce(transport=self.transport, ice=self.ice))

    def _subscription(self, mid: str) -> Subscription | None:
        transceiver = next((one for one in self.connection.getTransceivers() if one.mid == mid), None)
        return self._subscriptions.get(str(id(transceiver)))

    def _consumer_commands(self, offer: SessionDescription) -> Iterator[Command]:
        for section in offer.media:
            subscription = self._subscription(section.rtp.muxId)
            if subscription is not None:
                yield AddConsumer(
                    consumer=subscription.consumer,
                    transport=self.transport,
                    producer=subscription.producer,
                    parameters=consumer_parameters(section, subscription),
                    paused=False,
                    spatial_layer=0,
                )

    def _answer(self, offer: SessionDescription) -> Iterator[str]:
        yield from ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite", "a=msid-semantic:WMS *")
        yield "a=group:BUNDLE " + " ".join(section.rtp.muxId for section in offer.media)
        for section in offer.media:
            yield from self._section(section)

    def _section(self, section: MediaDescription) -> Iterator[str]:
        mid = section.rtp.muxId
        if section.kind == "application":
            yield f"m=application 9 {section.profile} webrtc-datachannel"
        else:
            codec = chosen_codec(section)
            formats = [codec.payload_type] + ([codec.rtx_payload_type] if codec.rtx_payload_type else [])
            yield f"m={section.kind} 9 {section.profile} " + " ".join(map(str, formats))
        yield "c=IN IP4 0.0.0.0"
        yield f"a=mid:{mid}"
        yield f"a=ice-ufrag:{self.ice.username_fragment}"
        yield f"a=ice-pwd:{self.ice.password}"
        yield f"a=fingerprint:{self._engine.fingerprint.algorithm} {self._engine.fingerprint.value}"
        yield "a=setup:passive"
        yield from self._candidates()
        if section.kind == "application":
            yield from ("a=sctp-port:5000", "a=max-message-size:262144")
            return
        yield from self._media(section)

    def _candidates(self) -> Iterator[str]:
        udp = next(candidate for candidate in self._engine.candidates if candidate.protocol == "udp")
        ip, port = self.candidate_override or (udp.ip, udp.port)
        yield f"a=candidate:{udp.foundation} 1 udp {udp.priority} {ip} {port} typ host"
        yield "a=end-of-candidates"

    def _media(self, section: MediaDescription) -> Iterator[str]:
        codec = chosen_codec(section)
        yield "a=rtcp-mux"
        yield f"a=rtpmap:{codec.payload_type} " + ("opus/48000/2" if section.kind == "audio" else "VP8/90000")
        if codec.rtx_payload_type:
            yield f"a=rtpmap:{codec.rtx_payload_type} rtx/90000"
            yield f"a=fmtp:{codec.rtx_payload_type} apt={codec.payload_type}"
            yield f"a=rtcp-fb:{codec.payload_type} nack"
            yield f"a=rtcp-fb:{codec.payload_type} nack pli"
        for extension in section.rtp.headerExtensions:
            yield f"a=extmap:{extension.id} {extension.uri}"
        subscription = self._subscription(section.rtp.muxId)
        if subscription is None:
            yield "a=recvonly"
            return
        yield "a=sendonly"
        yield f"a=msid:stream track-{subscription.producer}"
        yield f"a=ssrc:{subscription.ssrc} cname:hoichan"  # Before its retransmissions: aiortc goes by the first.
        if codec.rtx_payload_type:
            yield f"a=ssrc-group:FID {subscription.ssrc} {subscription.rtx_ssrc}"
            yield f"a=ssrc:{subscription.rtx_ssrc} cname:hoichan"


def chosen_codec(section: MediaDescription) -> RtpCodecParameters:
    """VP8 or Opus as the peer numbers it, with its retransmissions."""
    wanted = MIME_TYPES[section.kind]
    codec = next(codec for codec in section.rtp.codecs if codec.mimeType.lower() == wanted.lower())
    rtx = (one for one in section.rtp.codecs if one.parameters.get("apt") == codec.payloadType)
    return RtpCodecParameters(
        mime_type=wanted,
        payload_type=codec.payloadType,
        clock_rate=codec.clockRate,
        channels=codec.channels or 1,
        rtx_payload_type=next((one.payloadType for one in rtx), None),
    )


def header_extensions(section: MediaDescription) -> tuple[RtpHeaderExtensionParameters, ...]:
    return tuple(RtpHeaderExtensionParameters(uri=one.uri, id=one.id) for one in section.rtp.headerExtensions)


def producer_parameters(section: MediaDescription) -> ProducerParameters:
    group = next((group.items for group in section.ssrc_group if group.semantic == "FID"), None)
    ssrc, rtx_ssrc = group or (section.ssrc[0].ssrc, None)
    return ProducerParameters(
        kind=section.kind,
        mid=section.rtp.muxId,
        codecs=(chosen_codec(section),),
        header_extensions=header_extensions(section),
        encodings=(RtpEncodingParameters(ssrc=ssrc, rtx_ssrc=rtx_ssrc),),
    )


def consumer_parameters(section: MediaDescription, subscription: Subscription) -> ConsumerParameters:
    ours, theirs = chosen_codec(section), subscription.sent_as.codecs[0]
    return ConsumerParameters(
        mid=section.rtp.muxId,
        ssrc=subscription.ssrc,
        rtx_ssrc=subscription.rtx_ssrc if ours.rtx_payload_type else None,
        cname="hoichan",
        payload_types=(
            PayloadTypeMapping(
                producer=theirs.payload_type, consumer=ours.payload_type, consumer_rtx=ours.rtx_payload_type
            ),
        ),
        header_extensions=header_extensions(section),
    )
