"""Everything that can be asked of the core, one frozen dataclass per command.

Commands are fire-and-forget: ids are chosen here, so no reply is needed. What cannot be carried out comes
back as a `CommandFailed` event. Commands are carried out in the order they were submitted.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.parameters import (
    ConsumerId,
    ConsumerParameters,
    DtlsParameters,
    IceParameters,
    ProducerId,
    ProducerParameters,
    SpeakerGroup,
    TransportId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransport:
    """Open a transport that answers STUN for `ice` (ours). Nothing is sent before the peer proves itself."""

    transport: TransportId
    ice: IceParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectTransport:
    """Give the peer's side. May be repeated with the same fingerprints (re-offers); a changed one is refused."""

    transport: TransportId
    ice: IceParameters
    dtls: DtlsParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartIce:
    """Take new local credentials (RFC 8445 §9). The old generation keeps working until the new one is nominated."""

    transport: TransportId
    ice: IceParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTransport:
    """Close with DTLS close_notify; its producers and consumers go with it. No event follows."""

    transport: TransportId


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProducer:
    """Receive a track. An existing id is replaced in place: consumers stay."""

    producer: ProducerId
    transport: TransportId
    parameters: ProducerParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseProducer:
    """Forward nothing of it while `paused` (mute by the server): costs no packet work beyond counting."""

    producer: ProducerId
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RankProducer:
    """Forward an audio producer only while it is among the loudest of `group`; None for always, as at first.

    A group that is no larger than its limit is forwarded whole; the muted do not count. What comes without audio
    levels (RFC 6464) is forwarded. The limit said last holds for the whole group.
    """

    producer: ProducerId
    group: SpeakerGroup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProducer:
    producer: ProducerId


@dataclass(frozen=True, slots=True, kw_only=True)
class AddConsumer:
    """Send `producer` on `transport`. Starts paused or not, at most at `spatial_layer` (index into encodings)."""

    consumer: ConsumerId
    transport: TransportId
    producer: ProducerId
    parameters: ConsumerParameters
    paused: bool
    spatial_layer: int
    temporal_layer: int | None = None
    """At most this one of it; None for every frame there is."""
    priority: int = 0
    """0 to 255: where the link is too thin for all, the higher number is served first. Audio always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConsumer:
    """Change what one subscriber wants, field by field as in `AddConsumer`.

    Layers switch on a key frame, which the core asks for.
    """

    consumer: ConsumerId
    paused: bool
    spatial_layer: int
    temporal_layer: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveConsumer:
    consumer: ConsumerId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDataChannel:
    """Open a channel in-band (RFC 8832) as soon as SCTP is up. `max_retransmits` None is fully reliable."""

    transport: TransportId
    label: str
    ordered: bool
    max_retransmits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendData:
    """Send one binary message on the open channel called `label` of each transport; absent channels are counted."""

    transports: tuple[TransportId, ...]
    label: str
    payload: bytes


Command = (
    CreateTransport
    | ConnectTransport
    | RestartIce
    | CloseTransport
    | AddProducer
    | PauseProducer
    | RankProducer
    | RemoveProducer
    | AddConsumer
    | SetConsumer
    | RemoveConsumer
    | OpenDataChannel
    | SendData
)
