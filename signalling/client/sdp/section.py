"""One m-section's block of lines to `MediaSection`."""

from __future__ import annotations

from media.parameters import RtpHeaderExtensionParameters
from signalling.client.sdp.description import (
    Direction,
    MediaSection,
    Msid,
    SdpError,
    SectionKind,
    SsrcGroup,
)
from signalling.client.sdp.formats import parse_codecs, parse_feedback
from signalling.client.sdp.grammar import Block, number, token

_MAX_FORMATS = 128
_MAX_EXTENSIONS = 64
_MAX_EXTENSION_ID = 255
_MAX_SSRCS = 64
_MAX_RIDS = 16
_MAX_ID = 16
"""Characters of a mid or rid: the longest element of a one-byte header extension (RFC 8285 §4.2)."""

_DIRECTIONS: tuple[Direction, ...] = ("sendrecv", "sendonly", "recvonly", "inactive")
_RTP_PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF")
_SCTP_PROTOCOLS = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")
_DEFAULT_MAX_MESSAGE_SIZE = 65_536  # RFC 8841 §6.1


def parse_section(session: Block, block: Block) -> MediaSection:
    """Read one m-section, with what it inherits from the session level. Raises `SdpError`."""
    media, port, protocol, formats = _media_line(block.head)
    kind = _kind(media, protocol, formats)
    is_rtp = kind in ("audio", "video")
    ssrcs = _ssrcs(block)
    rids = _rids(block)
    return MediaSection(
        mid=token(block.value("mid") or "", "The mid of an m-section", longest=_MAX_ID),
        kind=kind,
        media=media,
        protocol=protocol,
        formats=formats,
        direction=_direction(session, block),
        rejected=port == 0 and "bundle-only" not in block.attributes,
        codecs=parse_codecs(media, formats, block.values("rtpmap"), block.values("fmtp")) if is_rtp else (),
        feedback=parse_feedback(block.values("rtcp-fb")) if is_rtp else (),
        extensions=_extensions(session, block),
        rtcp_rsize="rtcp-rsize" in block.attributes,
        rids=rids,
        simulcast=bool(rids) and bool(block.values("simulcast")),
        ssrcs=ssrcs,
        ssrc_groups=_ssrc_groups(block, ssrcs),
        msid=_msid(block),
        sctp_port=_sctp_port(block) if kind == "application" else None,
        max_message_size=_max_message_size(block),
    )


def _media_line(head: str) -> tuple[str, int, str, tuple[str, ...]]:
    media, port, protocol, *formats = [*head.split(), "", "", ""]
    formats = [text for text in formats if text]
    if not formats:
        raise SdpError(f"m={head[:40]} is no media line: medium, port, protocol and formats are expected.")
    port_number = number(port.partition("/")[0], "The port of an m-section", low=0, high=65_535)
    if len(formats) > _MAX_FORMATS:
        raise SdpError(f"An m-section lists more than {_MAX_FORMATS} formats.")
    return media, port_number, protocol, tuple(dict.fromkeys(formats))


def _kind(media: str, protocol: str, formats: tuple[str, ...]) -> SectionKind:
    match media:
        case "audio" if protocol in _RTP_PROTOCOLS:
            return "audio"
        case "video" if protocol in _RTP_PROTOCOLS:
            return "video"
        case "application" if protocol in _SCTP_PROTOCOLS and formats == ("webrtc-datachannel",):
            return "application"
        case _:
            return "unknown"


def _direction(session: Block, block: Block) -> Direction:
    """The section's, else the session's, else sendrecv (RFC 8866 §6.7)."""
    for attributes in (block.attributes, session.attributes):
        for direction in _DIRECTIONS:
            if direction in attributes:
                return direction
    return "sendrecv"


def _extensions(session: Block, block: Block) -> tuple[RtpHeaderExtensionParameters, ...]:
    """Header extensions (RFC 8285 §5). Ids above 255 only reserve a place in an offer: skipped."""
    found: dict[int, RtpHeaderExtensionParameters] = {}
    for line in (session.values("extmap") + block.values("extmap"))[:_MAX_EXTENSIONS]:
        target, _, rest = line.partition(" ")
        identifier = number(target.partition("/")[0], "The id of an extmap", low=1, high=65_535)
        uri = rest.strip().partition(" ")[0]
        if not uri:
            raise SdpError(f"a=extmap:{target[:40]} lacks its URI.")
        if identifier <= _MAX_EXTENSION_ID:
            found.setdefault(identifier, RtpHeaderExtensionParameters(uri=uri, id=identifier))
    return tuple(found.values())


def _rids(block: Block) -> tuple[str, ...]:
    """What the peer sends: its simulcast list (first of each alternative), else its `a=rid … send` lines."""
    declared = []
    for line in block.values("rid")[:_MAX_RIDS]:
        rid, _, rest = line.partition(" ")
        if rest.split()[:1] == ["send"]:
            declared.append(token(rid, "A rid", longest=_MAX_ID))
    listed = [rid for rid in _simulcast_send(block) if rid in declared]
    return tuple(dict.fromkeys(listed or declared))


def _simulcast_send(block: Block) -> list[str]:
    """`a=simulcast:send q;h,h2;~f` gives q, h, f: `~` marks a layer that starts paused (RFC 8853 §5.1)."""
    fields = (block.value("simulcast") or "").split()
    for direction, streams in zip(fields[::2], fields[1::2], strict=False):
        if direction == "send":
            return [stream.partition(",")[0].lstrip("~") for stream in streams.split(";")]
    return []


def _ssrcs(block: Block) -> tuple[int, ...]:
    found = dict.fromkeys(_ssrc(line.partition(" ")[0]) for line in block.values("ssrc"))
    if len(found) > _MAX_SSRCS:
        raise SdpError(f"An m-section declares more than {_MAX_SSRCS} SSRCs.")
    return tuple(found)


def _ssrc_groups(block: Block, declared: tuple[int, ...]) -> tuple[SsrcGroup, ...]:
    """ssrc-group lines whose members are all declared (RFC 5576 §4.2)."""
    groups = []
    for line in block.values("ssrc-group")[:_MAX_SSRCS]:
        semantics, *members = line.split() or [""]
        ssrcs = tuple(_ssrc(member) for member in members)
        if set(ssrcs) <= set(declared):
            groups.append(SsrcGroup(semantics, ssrcs))
    return tuple(groups)


def _ssrc(text: str) -> int:
    return number(text, "An SSRC", low=0, high=0xFFFF_FFFF)


def _msid(block: Block) -> Msid | None:
    """The first `a=msid`, else the msid of an ssrc line as before RFC 8830."""
    lines = [*block.values("msid")]
    lines += [
        attribute.removeprefix("msid:")
        for _, _, attribute in (line.partition(" ") for line in block.values("ssrc"))
        if attribute.startswith("msid:")
    ]
    for line in lines:
        stream_id, *track_id = line.split() or [""]
        if stream_id:
            return Msid(stream_id, track_id[0] if track_id else "")
    return None


def _sctp_port(block: Block) -> int:
    return number(block.value("sctp-port") or "5000", "a=sctp-port", low=1, high=65_535)


def _max_message_size(block: Block) -> int:
    """0 means no limit (RFC 8841 §6)."""
    text = block.value("max-message-size") or str(_DEFAULT_MAX_MESSAGE_SIZE)
    return number(text, "a=max-message-size", low=0, high=0xFFFF_FFFF)
