"""rtpmap, fmtp and rtcp-fb lines to codecs, RTX folded into the codec it repairs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from media.parameters import RtpCodecParameters
from signalling.client.sdp.description import RtcpFeedback, SdpError
from signalling.client.sdp.grammar import number, token

_MAX_CODECS = 64
_MAX_PARAMETERS = 32
_REMEMBERED = 64
"""Results of the pure functions here that are kept: the sections of a description repeat each other."""

_SPELLING = {name.lower(): name for name in ("opus", "VP8", "VP9", "H264", "AV1", "H265")}
"""As LiveKit's TrackInfo spells them; other names stay as the peer wrote them."""


@lru_cache(_REMEMBERED)
def parse_codecs(
    media: str, formats: tuple[str, ...], rtpmap: tuple[str, ...], fmtp: tuple[str, ...]
) -> tuple[RtpCodecParameters, ...]:
    """The codecs of an audio or video section in the order of its formats. A format without rtpmap is left out.

    `rtpmap` and `fmtp` are the values of those lines.
    """
    described = _described(media, rtpmap, fmtp)
    listed = [described[payload_type] for payload_type in map(_payload_type, formats) if payload_type in described]
    repairs = {
        parameters["apt"]: codec.payload_type
        for codec in listed
        if _is_rtx(codec) and "apt" in (parameters := dict(codec.parameters))
    }
    codecs = tuple(
        replace(codec, rtx_payload_type=repairs.get(str(codec.payload_type))) for codec in listed if not _is_rtx(codec)
    )
    if len(codecs) > _MAX_CODECS:
        raise SdpError(f"An m-section offers more than {_MAX_CODECS} codecs.")
    return codecs


@lru_cache(_REMEMBERED)
def parse_feedback(lines: tuple[str, ...]) -> tuple[RtcpFeedback, ...]:
    """The values of the rtcp-fb lines (RFC 4585 §4.2)."""
    found = []
    for line in lines:
        target, _, value = line.partition(" ")
        payload_type = None if target == "*" else _payload_type(target)
        found.append(RtcpFeedback(payload_type, " ".join(value.split())))
    return tuple(dict.fromkeys(found))


def format_parameters(parameters: tuple[tuple[str, str], ...]) -> str:
    """The value of an fmtp line, without its payload type."""
    return ";".join(f"{key}={value}" if value else key for key, value in parameters)


def _is_rtx(codec: RtpCodecParameters) -> bool:
    return codec.mime_type.lower().endswith("/rtx")


def _described(media: str, rtpmap: tuple[str, ...], fmtp: tuple[str, ...]) -> dict[int, RtpCodecParameters]:
    """The codecs by payload type, from the rtpmap lines and their fmtp lines."""
    parameters: dict[int, tuple[tuple[str, str], ...]] = {}
    for line in fmtp:
        target, _, text = line.partition(" ")
        parameters.setdefault(_payload_type(target), _parameters(text))
    codecs: dict[int, RtpCodecParameters] = {}
    for line in rtpmap:
        target, _, encoding = line.partition(" ")
        payload_type = _payload_type(target)
        codecs.setdefault(payload_type, _codec(media, payload_type, encoding, parameters.get(payload_type, ())))
    return codecs


def _codec(media: str, payload_type: int, encoding: str, parameters: tuple[tuple[str, str], ...]) -> RtpCodecParameters:
    name, rate, channels, *_ = [*encoding.strip().split("/"), "", ""]
    name = token(name, "The name of a codec", longest=64)
    return RtpCodecParameters(
        mime_type=f"{media}/{_SPELLING.get(name.lower(), name)}",
        payload_type=payload_type,
        clock_rate=number(rate, f"The clock rate of {name}", low=1, high=10_000_000),
        channels=number(channels or "1", f"The channels of {name}", low=1, high=255),
        parameters=parameters,
    )


def _parameters(text: str) -> tuple[tuple[str, str], ...]:
    """`a=1;b` is (("a", "1"), ("b", ""))."""
    pairs = [(key.strip(), value.strip()) for key, _, value in (pair.partition("=") for pair in text.split(";"))]
    if len(pairs) > _MAX_PARAMETERS:
        raise SdpError(f"An fmtp line has more than {_MAX_PARAMETERS} parameters.")
    return tuple({key: value for key, value in pairs if key}.items())


def _payload_type(text: str) -> int:
    return number(text, "A payload type", low=0, high=127)
