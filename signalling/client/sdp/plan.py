"""What we want of each m-section: the input of `write_answer` and `write_offer`."""

from __future__ import annotations

from dataclasses import dataclass

from media.parameters import DtlsFingerprint, IceCandidate, IceParameters
from signalling.client.sdp.codecs import CODECS, RtpCodecCapability
from signalling.client.sdp.description import SectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTransport:
    """Our side of one peer connection.

    `session_id` is any number below 2^63 that stays the same while the peer connection lives (RFC 8829 §5.2.1).
    """

    session_id: int
    ice: IceParameters
    fingerprint: DtlsFingerprint
    candidates: tuple[IceCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTrack:
    """A track on its way to one subscriber.

    LiveKit clients find the publication by `stream_id` "PA_…|TR_…" and `track_id` "TR_…"; the pair is unique in
    a description. `mime_type` is what the publisher sends now and goes first in the codec list.
    """

    stream_id: str
    track_id: str
    cname: str
    ssrc: int
    rtx_ssrc: int | None
    mime_type: str
    stereo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Take a track from the peer.

    The first codec of our answer is the one that browsers publish: `preferred_mime_type` moves there, and with
    `only_preferred` nothing else is accepted (Firefox on Linux and Android ignores the order). `dtx` and `stereo`
    ask for Opus discontinuous transmission and two channels (RFC 7587 §6.1), `red` for packets that repeat those
    before them (RFC 2198); without it RED is not accepted.
    """

    codecs: tuple[RtpCodecCapability, ...] = CODECS
    preferred_mime_type: str | None = None
    only_preferred: bool = False
    dtx: bool = True
    red: bool = False
    stereo: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Give the peer `track`."""

    track: SendTrack


@dataclass(frozen=True, slots=True)
class Inactive:
    """Keep the section and its codecs for later, with nothing on it now."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Port 0: the section is over."""


@dataclass(frozen=True, slots=True)
class DataChannel:
    """SCTP over DTLS (RFC 8841)."""


SectionAnswer = Receive | Send | Inactive | Rejected | DataChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSection:
    """One m-section of our own offer. A section keeps its `mid`, `kind` and place as long as the connection lives."""

    mid: str
    kind: SectionKind
    plan: Send | Inactive | Rejected | DataChannel
