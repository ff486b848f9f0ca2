"""What a peer's session description says, in types: the part of SDP that an SFU acts on.

Names follow JSEP (RFC 8829) and ORTC. Everything here was checked by `parsing`, so it may be written into
another description as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from media.parameters import (
    DtlsParameters,
    IceParameters,
    RtpCodecParameters,
    RtpHeaderExtensionParameters,
)

SectionKind = Literal["audio", "video", "application", "unknown"]
"""`unknown` is a medium or transport we do not speak; such a section is kept so that it can be rejected."""

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Setup = Literal["actpass", "active", "passive"]


class SdpError(ValueError):
    """A session description cannot be used. The message is a plain sentence that may be sent to the peer."""


@dataclass(frozen=True, slots=True)
class RtcpFeedback:
    """One `a=rtcp-fb` line (RFC 4585 §4.2). `payload_type` None stands for every format of the section."""

    payload_type: int | None
    value: str


@dataclass(frozen=True, slots=True)
class SsrcGroup:
    """`semantics` is FID (media, RTX) or SIM (layers by rising quality), or one we ignore (RFC 5576 §4.2)."""

    semantics: str
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Msid:
    """`a=msid` (RFC 8830). `stream_id` is "-" for a track without a stream."""

    stream_id: str
    track_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSection:
    """One m-section as the peer wrote it; `direction` is the peer's view.

    `codecs` are in the peer's order, RTX folded in; those we do not know are there too. `rids` are what the
    peer wants to send, as ordered in its `a=simulcast` line. `sctp_port` is None where the section is no
    data channel. `rejected` means port 0 without `a=bundle-only` (RFC 9143 §6); `rtcp_rsize` that RTCP need not
    be compound (RFC 5506).
    """

    mid: str
    kind: SectionKind
    media: str
    protocol: str
    formats: tuple[str, ...]
    direction: Direction
    rejected: bool
    codecs: tuple[RtpCodecParameters, ...]
    feedback: tuple[RtcpFeedback, ...]
    extensions: tuple[RtpHeaderExtensionParameters, ...]
    rtcp_rsize: bool
    rids: tuple[str, ...]
    simulcast: bool
    ssrcs: tuple[int, ...]
    ssrc_groups: tuple[SsrcGroup, ...]
    msid: Msid | None
    sctp_port: int | None
    max_message_size: int

    @property
    def sends(self) -> bool:
        """Whether the peer offers, or has accepted, to send on this section."""
        return not self.rejected and self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        """Whether the peer offers, or has accepted, to receive on this section."""
        return not self.rejected and self.direction in ("sendrecv", "recvonly")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDescription:
    """A whole offer or answer. `ice`, `dtls` and `setup` are those of the BUNDLE transport (RFC 9143 §7).

    `bundle` lists the mids that share it: the only ones we can serve. `dtls.role` is what the peer takes,
    "client" where it leaves the choice to us (actpass). Mids are unique; sections keep their order.
    """

    ice: IceParameters
    dtls: DtlsParameters
    setup: Setup
    ice_options: tuple[str, ...]
    bundle: tuple[str, ...]
    extmap_allow_mixed: bool
    sections: tuple[MediaSection, ...]

    def section(self, mid: str) -> MediaSection | None:
        """The section called `mid`, None if there is none."""
        return next((section for section in self.sections if section.mid == mid), None)
