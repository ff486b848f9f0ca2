"""m-sections to the ORTC dictionaries that the media core takes."""

from __future__ import annotations

from media.parameters import (
    ConsumerParameters,
    MediaKind,
    PayloadTypeMapping,
    ProducerParameters,
    RedParameters,
    RtpCodecParameters,
)
from signalling.client.sdp import extensions
from signalling.client.sdp.codecs import CODECS, identity, is_red, negotiate, repeated_type
from signalling.client.sdp.description import MediaSection, SdpError
from signalling.client.sdp.layers import encodings
from signalling.client.sdp.plan import Receive, SendTrack


def producer_parameters(section: MediaSection, receive: Receive) -> ProducerParameters:
    """What the core must know to receive `section` after we answered it with `receive`.

    Raises `SdpError` if the peer does not send on it, or offers no codec of ours.
    """
    if not section.sends:
        raise SdpError(f"Section {section.mid} sends nothing.")
    codecs = received_codecs(section, receive)
    if not codecs:
        raise SdpError(f"Section {section.mid} offers no codec that this server accepts.")
    return ProducerParameters(
        kind=_media_kind(section),
        mid=section.mid,
        codecs=codecs,
        header_extensions=extensions.accepted(section.kind, section.extensions, receives=True),
        encodings=encodings(section),
    )


def consumer_parameters(section: MediaSection, track: SendTrack, producer: ProducerParameters) -> ConsumerParameters:
    """What the core must know to send `producer` to the peer that wrote `section`.

    `section` is the peer's: its answer to our offer (two peer connections) or its offer (one). Raises `SdpError` if
    the peer does not receive on it, or takes none of the producer's codecs.
    """
    if not section.receives:
        raise SdpError(f"Section {section.mid} receives nothing.")
    taken = negotiate(section.codecs, CODECS)
    mappings = _mappings(taken, producer.codecs)
    if not mappings:
        raise SdpError(f"Section {section.mid} takes none of the codecs that the track is published in.")
    repaired = any(mapping.consumer_rtx is not None for mapping in mappings)
    return ConsumerParameters(
        mid=section.mid,
        ssrc=track.ssrc,
        rtx_ssrc=track.rtx_ssrc if repaired else None,
        cname=track.cname,
        payload_types=mappings,
        red=_red(taken, mappings),
        header_extensions=extensions.sent(_media_kind(section), section.extensions),
    )


def received_codecs(section: MediaSection, receive: Receive) -> tuple[RtpCodecParameters, ...]:
    """The codecs of our answer to a section that we take, in the order of the answer, but that RED comes last.

    May be empty.
    """
    codecs = negotiate(section.codecs, receive.codecs, receive.preferred_mime_type)
    plain = tuple(codec for codec in codecs if not is_red(codec))
    codecs = (*plain, *(codec for codec in codecs if is_red(codec) and receive.red))
    if receive.only_preferred:
        preferred = (receive.preferred_mime_type or "").lower()
        return tuple(codec for codec in codecs if codec.mime_type.lower() == preferred) or codecs
    return codecs


def _mappings(
    ours: tuple[RtpCodecParameters, ...], produced: tuple[RtpCodecParameters, ...]
) -> tuple[PayloadTypeMapping, ...]:
    by_identity = {identity(codec): codec for codec in reversed(ours)}
    return tuple(
        PayloadTypeMapping(
            producer=codec.payload_type,
            consumer=target.payload_type,
            consumer_rtx=target.rtx_payload_type,
        )
        for codec in produced
        if not is_red(codec) and (target := by_identity.get(identity(codec))) is not None
    )


def _red(taken: tuple[RtpCodecParameters, ...], mappings: tuple[PayloadTypeMapping, ...]) -> RedParameters | None:
    """As much redundancy as the publisher sends, for a subscriber that takes it of what it is sent."""
    sent = {mapping.consumer for mapping in mappings}
    types = (codec.payload_type for codec in taken if is_red(codec) and repeated_type(codec) in sent)
    payload_type = next(types, None)
    return None if payload_type is None else RedParameters(payload_type=payload_type)


def _media_kind(section: MediaSection) -> MediaKind:
    match section.kind:
        case "audio" | "video" as kind:
            return kind
        case _:
            pass
    raise SdpError(f"Section {section.mid} carries neither audio nor video.")
