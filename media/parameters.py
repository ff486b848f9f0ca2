"""ORTC dictionaries as frozen dataclasses: what a transport, a producer and a consumer are made of.

Names are W3C/ORTC's in snake_case. Text formats (SDP) never get this far: `signalling.client.sdp` turns
them into these, and the core takes these only. The core reads them by attribute name, so a renamed field
is a failing `AddProducer`, which `tests/media` exercises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NewType

TransportId = NewType("TransportId", int)
ProducerId = NewType("ProducerId", int)
ConsumerId = NewType("ConsumerId", int)
SpeakerGroupId = NewType("SpeakerGroupId", int)

MediaKind = Literal["audio", "video"]
DtlsRole = Literal["client", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IceParameters:
    """ICE credentials of one side and one generation (RFC 8445 §5.3).

    `username_fragment` is 4 to 256 ice-chars, `password` 22 to 256.
    """

    username_fragment: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IceCandidate:
    """A host candidate of the core, to be written into SDP (RFC 8839 §5.1)."""

    foundation: str
    priority: int
    ip: str
    port: int
    protocol: Literal["udp", "tcp"]
    """TCP candidates are always passive: the peer connects (RFC 6544 §4.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DtlsFingerprint:
    """`algorithm` as in SDP ("sha-256"), `value` as upper-case hex pairs joined by colons (RFC 8122 §5)."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DtlsParameters:
    """The peer's DTLS side. `role` is the role the *peer* takes; ours is the other one."""

    role: DtlsRole
    fingerprints: tuple[DtlsFingerprint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpCodecParameters:
    """One codec as negotiated in one m-section.

    `mime_type` is spelt as in LiveKit's TrackInfo ("video/VP8", "audio/opus"); `parameters` is the fmtp
    line as key/value pairs, in order; `rtx_payload_type` is None where RTX was not negotiated (RFC 4588).
    """

    mime_type: str
    payload_type: int
    clock_rate: int
    channels: int = 1
    rtx_payload_type: int | None = None
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpHeaderExtensionParameters:
    """`uri` as in RFC 8285 extmap; `id` is 1 to 255 (ids above 14 need the two-byte form)."""

    uri: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpEncodingParameters:
    """One layer as sent by a publisher: found by `rid`, or by `ssrc`, or (neither) by MID alone."""

    rid: str | None = None
    ssrc: int | None = None
    rtx_ssrc: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerParameters:
    """What the core must know to receive one track.

    `encodings` are ordered by rising quality: the index is the spatial layer everywhere else. Never empty.
    """

    kind: MediaKind
    mid: str
    codecs: tuple[RtpCodecParameters, ...]
    header_extensions: tuple[RtpHeaderExtensionParameters, ...]
    encodings: tuple[RtpEncodingParameters, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadTypeMapping:
    """How one payload type of the producer is called towards one consumer."""

    producer: int
    consumer: int
    consumer_rtx: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedParameters:
    """How Opus is sent with redundancy (RFC 2198).

    `payload_type` is that of packets that repeat others; those that repeat none keep that of Opus. `distance` is how
    many earlier packets each one repeats, 0 to 2; None for as many as the publisher did.
    """

    payload_type: int
    distance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerGroup:
    """Producers of which only the loudest are forwarded: `loudest` at a time, 1 to 256."""

    id: SpeakerGroupId
    loudest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerParameters:
    """What the core must know to send one track to one subscriber. SSRCs are unique within the transport.

    `red` is None unless the subscriber takes redundancy. What a publisher sends as RED needs no mapping: it is taken
    apart on arrival.
    """

    mid: str
    ssrc: int
    rtx_ssrc: int | None
    cname: str
    payload_types: tuple[PayloadTypeMapping, ...]
    header_extensions: tuple[RtpHeaderExtensionParameters, ...]
    red: RedParameters | None = None
