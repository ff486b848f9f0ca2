"""Our answers and offers as text: the session level, and what every m-section has in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from media.parameters import IceCandidate
from signalling.client.sdp.description import MediaSection, SessionDescription
from signalling.client.sdp.grammar import TOKEN
from signalling.client.sdp.media_lines import MediaLines, answered_media, offered_media
from signalling.client.sdp.plan import (
    DataChannel,
    Inactive,
    LocalTransport,
    OfferedSection,
    Receive,
    Rejected,
    SectionAnswer,
    Send,
)

_MAX_MESSAGE_SIZE = 262_144
"""What we take in one data channel message, bytes. Clients send at most 64 000."""

_OurSetup = Literal["actpass", "active", "passive"]


def write_answer(
    offer: SessionDescription,
    local: LocalTransport,
    plan: Mapping[str, SectionAnswer],
    *,
    version: int,
) -> str:
    """Answer `offer`. `plan` goes by mid; a section it does not name becomes inactive, or a data channel.

    What a section cannot carry (no common codec, outside the BUNDLE group) is rejected; a plan against the offered
    direction becomes inactive. `version` counts our descriptions of this peer connection (RFC 8829 §5.3.1).
    """
    sections = [_answered(offer, section, plan.get(section.mid, Inactive())) for section in offer.sections]
    setup: _OurSetup = "active" if offer.setup == "passive" else "passive"
    return _description(local, sections, setup, version, mixed=offer.extmap_allow_mixed)


def write_offer(local: LocalTransport, sections: Sequence[OfferedSection], *, version: int) -> str:
    """Offer `sections` to a subscriber. `version` counts our descriptions of this peer connection."""
    return _description(local, [_offered(section) for section in sections], "actpass", version, mixed=True)


def _answered(offer: SessionDescription, section: MediaSection, answer: SectionAnswer) -> MediaLines:
    if section.rejected or section.mid not in offer.bundle:
        return _rejected(section.mid, section.media, section.protocol, section.formats)
    possible = _possible(section, answer)
    if isinstance(possible, DataChannel):
        return _data_channel(section.mid, section.protocol)
    if not isinstance(possible, Rejected):
        lines = answered_media(section, possible)
        if lines.formats:
            return lines
    return _rejected(section.mid, section.media, section.protocol, section.formats)


def _possible(section: MediaSection, answer: SectionAnswer) -> SectionAnswer:
    """What the offered section allows of what we want."""
    match section.kind, answer:
        case "unknown", _:
            return Rejected()
        case _, Rejected():
            return answer
        case "application", _:
            return DataChannel()
        case _, Receive() if not section.sends:
            return Inactive()
        case _, Send() if not section.receives:
            return Inactive()
        case _, DataChannel():
            return Inactive()
        case _:
            return answer


def _offered(section: OfferedSection) -> MediaLines:
    assert TOKEN.fullmatch(section.mid), section.mid
    match section.plan:
        case DataChannel():
            return _data_channel(section.mid, "UDP/DTLS/SCTP")
        case Rejected() if section.kind == "application":
            return _rejected(section.mid, "application", "UDP/DTLS/SCTP", ("webrtc-datachannel",))
        case Rejected():
            return _rejected(section.mid, section.kind, "UDP/TLS/RTP/SAVPF", ("0",))
        case Send() | Inactive() as plan:
            return offered_media(section.mid, section.kind, plan)


def _rejected(mid: str, media: str, protocol: str, formats: tuple[str, ...]) -> MediaLines:
    return MediaLines(mid, media, protocol, formats, ("a=inactive",), rejected=True)


def _data_channel(mid: str, protocol: str) -> MediaLines:
    lines = ("a=sctp-port:5000", f"a=max-message-size:{_MAX_MESSAGE_SIZE}")
    return MediaLines(mid, "application", protocol, ("webrtc-datachannel",), lines)


def _description(
    local: LocalTransport, sections: Sequence[MediaLines], setup: _OurSetup, version: int, *, mixed: bool
) -> str:
    bundle = [section.mid for section in sections if not section.rejected]
    lines = [
        "v=0",
        f"o=- {local.session_id} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *([f"a=group:BUNDLE {' '.join(bundle)}"] if bundle else []),
        *(["a=extmap-allow-mixed"] if mixed else []),
        "a=ice-lite",
    ]
    for section in sections:
        lines += _section(section, local, setup, carries_candidates=section.mid in bundle[:1])
    return "\r\n".join([*lines, ""])


def _section(
    section: MediaLines, local: LocalTransport, setup: _OurSetup, *, carries_candidates: bool
) -> Iterable[str]:
    """Transport lines are repeated in every section, as browsers do; candidates are in the first (RFC 9143 §7.1.1)."""
    yield f"m={section.media} {0 if section.rejected else 9} {section.protocol} {' '.join(section.formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{section.mid}"
    if not section.rejected:
        yield f"a=ice-ufrag:{local.ice.username_fragment}"
        yield f"a=ice-pwd:{local.ice.password}"
        yield f"a=fingerprint:{local.fingerprint.algorithm} {local.fingerprint.value}"
        yield f"a=setup:{setup}"
    if carries_candidates:
        yield from map(_candidate, local.candidates)
        yield "a=end-of-candidates"
    yield from section.lines


def _candidate(candidate: IceCandidate) -> str:
    """RFC 8839 §5.1; a TCP candidate waits for the peer to connect (RFC 6544 §4.5)."""
    text = (
        f"a=candidate:{candidate.foundation} 1 {candidate.protocol} {candidate.priority} "
        f"{candidate.ip} {candidate.port} typ host"
    )
    return text if candidate.protocol == "udp" else f"{text} tcptype passive"
