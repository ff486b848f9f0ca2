"""Session description text to `SessionDescription`."""

from __future__ import annotations

import re

from media.parameters import DtlsFingerprint, DtlsParameters, IceParameters
from signalling.client.sdp.description import MediaSection, SdpError, SessionDescription, Setup
from signalling.client.sdp.grammar import Block, blocks
from signalling.client.sdp.section import parse_section

_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_HEX_PAIRS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2})*")
_SETUPS: tuple[Setup, ...] = ("actpass", "active", "passive")
_DIGEST_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_MAX_FINGERPRINTS = 8


def parse(text: str) -> SessionDescription:
    """Read an offer or an answer. Raises `SdpError`, and nothing else, for anything that cannot be used.

    Candidates are skipped: as an ICE-lite agent we answer whoever proves itself (RFC 8445 §2.5).
    """
    session, media = blocks(text)
    sections = tuple(parse_section(session, block) for block in media)
    if len({section.mid for section in sections}) < len(sections):
        raise SdpError("Two m-sections have the same mid.")
    bundle = _bundle(session, sections)
    alive = [
        (block, section)
        for block, section in zip(media, sections, strict=True)
        if section.mid in bundle and not section.rejected
    ]
    if not alive:
        raise SdpError("The session description has no m-section in use.")
    transport, _ = min(alive, key=lambda pair: bundle.index(pair[1].mid))
    setup = _setup(session, transport)
    return SessionDescription(
        ice=_ice(session, transport),
        dtls=DtlsParameters(
            role="server" if setup == "passive" else "client",
            fingerprints=_fingerprints(session, transport),
        ),
        setup=setup,
        ice_options=tuple((_inherited(session, transport, "ice-options") or "").split()),
        bundle=bundle,
        extmap_allow_mixed=_inherited(session, transport, "extmap-allow-mixed") is not None,
        sections=sections,
    )


def _bundle(session: Block, sections: tuple[MediaSection, ...]) -> tuple[str, ...]:
    """The mids on the transport that we serve: the first BUNDLE group, or the first section by itself."""
    for group in session.values("group"):
        semantics, *mids = group.split() or [""]
        if semantics == "BUNDLE":
            known = {section.mid for section in sections}
            return tuple(mid for mid in dict.fromkeys(mids) if mid in known)
    return tuple(section.mid for section in sections if not section.rejected)[:1]


def _inherited(session: Block, section: Block, name: str) -> str | None:
    """An attribute of the section, else the session's (RFC 8839 §5.4, RFC 8122 §5)."""
    value = section.value(name)
    return session.value(name) if value is None else value


def _ice(session: Block, section: Block) -> IceParameters:
    ufrag = _inherited(session, section, "ice-ufrag") or ""
    password = _inherited(session, section, "ice-pwd") or ""
    if not _UFRAG.fullmatch(ufrag):
        raise SdpError("a=ice-ufrag is missing, or not 4 to 256 of the letters, digits, + and /.")
    if not _PASSWORD.fullmatch(password):
        raise SdpError("a=ice-pwd is missing, or not 22 to 256 of the letters, digits, + and /.")
    return IceParameters(username_fragment=ufrag, password=password)


def _setup(session: Block, section: Block) -> Setup:
    """The DTLS roles open to the peer; active where it does not say (RFC 4145 §4)."""
    text = _inherited(session, section, "setup") or "active"
    for setup in _SETUPS:
        if text == setup:
            return setup
    raise SdpError(f"a=setup:{text[:40]} is none of actpass, active and passive.")


def _fingerprints(session: Block, section: Block) -> tuple[DtlsFingerprint, ...]:
    """The certificate's digests by functions that are still safe (RFC 8122 §5)."""
    found = []
    for line in (section.values("fingerprint") or session.values("fingerprint"))[:_MAX_FINGERPRINTS]:
        algorithm, _, value = line.lower().partition(" ")
        digest = value.strip().upper()
        length = _DIGEST_BYTES.get(algorithm)
        if length and len(digest) == 3 * length - 1 and _HEX_PAIRS.fullmatch(digest):
            found.append(DtlsFingerprint(algorithm=algorithm, value=digest))
    if not found:
        raise SdpError("There is no usable a=fingerprint: sha-256, sha-384 or sha-512 with its hex pairs.")
    return tuple(found)
