"""The lines of an audio or video section of ours: codecs, header extensions, layers, the track."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from media.parameters import RtpCodecParameters, RtpHeaderExtensionParameters
from signalling.client.sdp import extensions
from signalling.client.sdp.codecs import CODECS, identity, is_red, negotiate
from signalling.client.sdp.description import Direction, MediaSection, SectionKind
from signalling.client.sdp.formats import format_parameters
from signalling.client.sdp.grammar import TOKEN
from signalling.client.sdp.layers import send_rids
from signalling.client.sdp.parameters import received_codecs
from signalling.client.sdp.plan import Inactive, Receive, Send, SendTrack

_REMEMBERED = 64
"""Blocks of offered lines that are kept: fewer exist, unless clients make up names of codecs."""

_FEEDBACK = {identity(codec): codec.feedback for codec in CODECS}


@dataclass(frozen=True, slots=True)
class MediaLines:
    """An m-section without its transport: the fields of its m= line and its a= lines."""

    mid: str
    media: str
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[str, ...]
    rejected: bool = False


def answered_media(section: MediaSection, answer: Receive | Send | Inactive) -> MediaLines:
    """Answer an audio or video section. No formats come back where no codec is common."""
    codecs = _answered_codecs(section, answer)
    direction: Direction = "inactive"
    body: list[str] = []
    match answer:
        case Receive():
            direction, body = "recvonly", _layers(section)
        case Send(track):
            direction, body = "sendonly", _track(track, codecs)
        case Inactive():
            pass
    lines = _media(
        direction,
        extensions.accepted(section.kind, section.extensions, receives=isinstance(answer, Receive)),
        [line for codec in codecs for line in _codec(codec, _feedback(section, codec, answer))],
        reduced_size=section.rtcp_rsize,
    )
    return MediaLines(section.mid, section.media, section.protocol, _formats(codecs), (*lines, *body))


def offered_media(mid: str, kind: SectionKind, plan: Send | Inactive) -> MediaLines:
    """Offer an audio or video section, always with every codec, so that any track may use it later."""
    if isinstance(plan, Send):
        codecs, lines = _offered("sendonly", kind, plan.track.mime_type, stereo=plan.track.stereo)
        lines = (*lines, *_track(plan.track, codecs))
    else:
        codecs, lines = _offered("inactive", kind, "", stereo=False)
    return MediaLines(mid, kind, "UDP/TLS/RTP/SAVPF", _formats(codecs), lines)


@lru_cache(_REMEMBERED)
def _offered(
    direction: Direction, kind: SectionKind, mime_type: str, *, stereo: bool
) -> tuple[tuple[RtpCodecParameters, ...], tuple[str, ...]]:
    """Our codecs for `kind` with `mime_type` first, and the lines that are the same for every such track."""
    ours = tuple(codec.as_parameters() for codec in CODECS if codec.mime_type.startswith(f"{kind}/"))
    codecs = _with_stereo(negotiate(ours, CODECS, mime_type), stereo=stereo)
    lines = [line for codec in codecs for line in _codec(codec, _FEEDBACK[identity(codec)])]
    return codecs, tuple(_media(direction, extensions.offered(kind), lines, reduced_size=True))


def _answered_codecs(section: MediaSection, answer: Receive | Send | Inactive) -> tuple[RtpCodecParameters, ...]:
    match answer:
        case Receive():
            return _red_first(tuple(_opus(codec, answer) for codec in received_codecs(section, answer)))
        case Send(track):
            return _with_stereo(negotiate(section.codecs, CODECS, track.mime_type), stereo=track.stereo)
        case Inactive():
            return negotiate(section.codecs, CODECS)


def _media(
    direction: Direction,
    header_extensions: tuple[RtpHeaderExtensionParameters, ...],
    codecs: list[str],
    *,
    reduced_size: bool,
) -> Iterable[str]:
    yield f"a={direction}"
    yield "a=rtcp-mux"
    if reduced_size:
        yield "a=rtcp-rsize"
    for extension in header_extensions:
        yield f"a=extmap:{extension.id} {extension.uri}"
    yield from codecs


def _formats(codecs: tuple[RtpCodecParameters, ...]) -> tuple[str, ...]:
    numbers = (number for codec in codecs for number in (codec.payload_type, codec.rtx_payload_type))
    return tuple(str(number) for number in numbers if number is not None)


def _codec(codec: RtpCodecParameters, feedback: tuple[str, ...]) -> Iterable[str]:
    number = codec.payload_type
    media, _, name = codec.mime_type.partition("/")
    channels = f"/{codec.channels}" if media == "audio" and codec.channels > 1 else ""
    yield f"a=rtpmap:{number} {name}/{codec.clock_rate}{channels}"
    if codec.parameters:
        yield f"a=fmtp:{number} {format_parameters(codec.parameters)}"
    yield from (f"a=rtcp-fb:{number} {message}" for message in feedback)
    if codec.rtx_payload_type is not None:
        yield f"a=rtpmap:{codec.rtx_payload_type} rtx/{codec.clock_rate}"
        yield f"a=fmtp:{codec.rtx_payload_type} apt={number}"


def _feedback(section: MediaSection, codec: RtpCodecParameters, answer: Receive | Send | Inactive) -> tuple[str, ...]:
    """What both understand. We ask for lost audio, which LiveKit clients follow though none offers it, and promise
    none: without RTX, which audio has not, a packet sent again under another header would repeat a GCM nonce.
    We take estimates of the receiver (REMB) but make none.
    """
    if section.kind == "audio" and isinstance(answer, Receive):
        return () if is_red(codec) else ("nack",)
    offered = {line.value for line in section.feedback if line.payload_type in (None, codec.payload_type)}
    if isinstance(answer, Receive):
        offered.discard("goog-remb")
    return tuple(message for message in _FEEDBACK[identity(codec)] if message in offered)


def _red_first(codecs: tuple[RtpCodecParameters, ...]) -> tuple[RtpCodecParameters, ...]:
    """Publishers send the first one: libwebrtc uses redundancy where it stands before what it repeats."""
    return tuple(sorted(codecs, key=lambda codec: not is_red(codec)))


def _opus(codec: RtpCodecParameters, receive: Receive) -> RtpCodecParameters:
    """The peer's Opus with what we wish to receive (RFC 7587 §6.1)."""
    wishes: dict[str, str] = {}
    if codec.mime_type == "audio/opus":
        wishes |= {"usedtx": "1"} if receive.dtx else {}
        wishes |= {"stereo": "1", "maxaveragebitrate": "510000"} if receive.stereo else {}
    return _with_parameters(codec, wishes)


def _with_stereo(codecs: tuple[RtpCodecParameters, ...], *, stereo: bool) -> tuple[RtpCodecParameters, ...]:
    """Say that the track is likely stereo, which LiveKit clients mirror (RFC 7587 §6.1)."""
    wishes = {"sprop-stereo": "1"} if stereo else {}
    return tuple(_with_parameters(codec, wishes) if codec.mime_type == "audio/opus" else codec for codec in codecs)


def _with_parameters(codec: RtpCodecParameters, wishes: dict[str, str]) -> RtpCodecParameters:
    return replace(codec, parameters=tuple((dict(codec.parameters) | wishes).items()))


def _layers(section: MediaSection) -> list[str]:
    rids = send_rids(section)
    lines = [f"a=rid:{rid} recv" for rid in rids]
    return [*lines, f"a=simulcast:recv {';'.join(rids)}"] if section.simulcast else lines


def _track(track: SendTrack, codecs: tuple[RtpCodecParameters, ...]) -> list[str]:
    """Msid and declared SSRCs (RFC 8830, RFC 5576): Go clients have no MID extension for audio."""
    for word in (track.stream_id, track.track_id, track.cname):
        assert TOKEN.fullmatch(word), word
    repaired = track.rtx_ssrc is not None and any(codec.rtx_payload_type is not None for codec in codecs)
    ssrcs = [track.ssrc, track.rtx_ssrc] if repaired else [track.ssrc]
    lines = [f"a=msid:{track.stream_id} {track.track_id}"]
    if repaired:
        lines.append(f"a=ssrc-group:FID {track.ssrc} {track.rtx_ssrc}")
    for ssrc in ssrcs:
        lines += [f"a=ssrc:{ssrc} cname:{track.cname}", f"a=ssrc:{ssrc} msid:{track.stream_id} {track.track_id}"]
    return lines
