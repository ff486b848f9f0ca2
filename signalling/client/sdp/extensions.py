"""RTP header extensions: which we accept, which we send, and what we call them in our own offers."""

from __future__ import annotations

from media.parameters import RtpHeaderExtensionParameters
from signalling.client.sdp.description import SectionKind

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
DEPENDENCY_DESCRIPTOR = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

_ACCEPTED: dict[SectionKind, tuple[str, ...]] = {
    "audio": (MID, AUDIO_LEVEL, ABS_CAPTURE_TIME),
    "video": (MID, RID, REPAIRED_RID, TRANSPORT_CC, ABS_CAPTURE_TIME, DEPENDENCY_DESCRIPTOR),
}
_SENT: dict[SectionKind, tuple[str, ...]] = {
    "audio": (MID, AUDIO_LEVEL, TRANSPORT_CC, ABS_CAPTURE_TIME),
    "video": (MID, TRANSPORT_CC, ABS_SEND_TIME, ABS_CAPTURE_TIME, DEPENDENCY_DESCRIPTOR),
}
_OUR_IDS = {MID: 1, AUDIO_LEVEL: 2, TRANSPORT_CC: 3, ABS_CAPTURE_TIME: 4, DEPENDENCY_DESCRIPTOR: 5, ABS_SEND_TIME: 6}
"""All below 15, so that the one-byte form does."""


def accepted(
    kind: SectionKind, offered: tuple[RtpHeaderExtensionParameters, ...], *, receives: bool
) -> tuple[RtpHeaderExtensionParameters, ...]:
    """What our answer keeps of `offered`; `receives` where we take a track.

    What a publisher needs is kept whatever the section is used for now, as the first answer decides for the life of a
    peer connection: libwebrtc refuses simulcast later on if it lacked mid and the rids, even in a section that only
    received then. What only we send with is kept where we do not receive: a publisher need not number its voice.
    """
    sent_with = () if receives else _SENT.get(kind, ())
    return _among((*_ACCEPTED.get(kind, ()), *sent_with), offered)


def sent(
    kind: SectionKind, negotiated: tuple[RtpHeaderExtensionParameters, ...]
) -> tuple[RtpHeaderExtensionParameters, ...]:
    """What we put on packets to a subscriber who negotiated `negotiated`.

    The time of departure serves those alone that estimate for us (REMB) as they cannot tell of numbered packets.
    """
    numbered = any(extension.uri == TRANSPORT_CC for extension in negotiated)
    wanted = (uri for uri in _SENT.get(kind, ()) if not (numbered and uri == ABS_SEND_TIME))
    return _among(tuple(wanted), negotiated)


def offered(kind: SectionKind) -> tuple[RtpHeaderExtensionParameters, ...]:
    """What we offer to send, under our own ids."""
    return tuple(RtpHeaderExtensionParameters(uri=uri, id=_OUR_IDS[uri]) for uri in _SENT.get(kind, ()))


def _among(
    uris: tuple[str, ...], extensions: tuple[RtpHeaderExtensionParameters, ...]
) -> tuple[RtpHeaderExtensionParameters, ...]:
    return tuple(extension for extension in extensions if extension.uri in uris)
