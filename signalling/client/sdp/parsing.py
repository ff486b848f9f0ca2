"""Session description text to `SessionDescription`."""

from __future__ import annotations

from signalling.client.sdp.description import SessionDescription


def parse(text: str) -> SessionDescription:
    """Read an offer or an answer. Raises `SdpError`, and nothing else, for anything that cannot be used.

    Candidates are skipped: as an ICE-lite agent we answer whoever proves itself (RFC 8445 §2.5).
    """
    raise NotImplementedError
