"""Which encodings a section carries, ordered by rising quality."""

from __future__ import annotations

from media.parameters import RtpEncodingParameters
from signalling.client.sdp.description import MediaSection

_MAX_LAYERS = 3
_LADDERS = (("q", "h", "f"), ("2", "1", "0"))
"""The rids of LiveKit's SDKs and of OBS's WHIP output, lowest quality first."""


def send_rids(section: MediaSection) -> tuple[str, ...]:
    """The rids that we take, by rising quality.

    SDKs list them both ways ("q;h;f", "f;h;q"), so known names tell the order; unknown ones are taken as written.
    """
    for ladder in _LADDERS:
        if set(section.rids) <= set(ladder):
            return tuple(rid for rid in ladder if rid in section.rids)
    return section.rids[:_MAX_LAYERS]


def encodings(section: MediaSection) -> tuple[RtpEncodingParameters, ...]:
    """Found by rid; else by the SIM group of old simulcast; else by the one declared SSRC; else by MID alone."""
    rids = send_rids(section)
    if rids:
        return tuple(RtpEncodingParameters(rid=rid) for rid in rids)
    repairs = _repairs(section)
    simulcast = next((group.ssrcs for group in section.ssrc_groups if group.semantics == "SIM" and group.ssrcs), None)
    media = simulcast or tuple(ssrc for ssrc in section.ssrcs if ssrc not in repairs.values())[:1]
    if not media:
        return (RtpEncodingParameters(),)
    return tuple(RtpEncodingParameters(ssrc=ssrc, rtx_ssrc=repairs.get(ssrc)) for ssrc in media[:_MAX_LAYERS])


def _repairs(section: MediaSection) -> dict[int, int]:
    """The RTX SSRC of each media SSRC (RFC 5576 §4.2, semantics FID)."""
    pairs = {}
    for group in section.ssrc_groups:
        match group.semantics, group.ssrcs:
            case "FID", (media, repair):
                pairs[media] = repair
            case _:
                pass
    return pairs
