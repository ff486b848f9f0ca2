"""The Authorization header of HTTP, as far as it carries an access token (RFC 6750 §2.1)."""

from __future__ import annotations


def bearer_token(authorization: str) -> str:
    """The token in the header's value; empty if it carries none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
