"""Access tokens: JWT with HMAC-SHA-256 (RFC 7519, RFC 7518 §3.2), keyed by API key in `iss`.

No other algorithm is ever tried, so neither `alg: none` nor an asymmetric name can stand for HS256 (RFC 8725 §3.1).
PyJWT compares the signatures in constant time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import jwt

from rooms.live.limits import NAME_LENGTH_CHARACTERS
from signalling.auth.claims import ClaimError, Claims
from signalling.auth.grants import Grants, read_grants, write_claims

DEFAULT_TTL = timedelta(hours=6)
LEEWAY = timedelta(seconds=60)
"""Clocks of hospital computers drift; LiveKit's servers allow as much."""

_SHORTEST_REFRESH = timedelta(minutes=10)
_MAX_TOKEN_CHARACTERS = 65_536
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALGORITHM = "HS256"
_OPTIONS: jwt.types.Options = {"require": ["exp", "iss"], "enforce_minimum_key_length": True}


class TokenError(Exception):
    """A token opens nothing here. `status` is for HTTP, `reason` a plain sentence that may be shown."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token that was verified."""

    api_key: str
    expires_at: datetime
    grants: Grants


class TokenAuthority:
    """Verifies and makes access tokens under a set of API keys.

    `api_keys` maps a key to its secret, of 32 characters or more.
    """

    def __init__(self, api_keys: Mapping[str, str]) -> None:
        self._secrets = dict(api_keys)

    def verify(self, token: str) -> AccessToken:
        """What `token` grants. Raises `TokenError` with status 401."""
        if len(token) > _MAX_TOKEN_CHARACTERS:
            raise _unauthorized("The access token is too long.")
        payload = self._payload(token)
        try:
            return AccessToken(
                api_key=payload["iss"],
                expires_at=_EPOCH + timedelta(seconds=int(payload["exp"])),
                grants=read_grants(Claims(payload)),
            )
        except ClaimError as error:
            raise _unauthorized(f"The access token is malformed: {error}.") from None
        except OverflowError:
            raise _unauthorized("The access token expires at no date of the calendar.") from None

    def verify_join(self, token: str) -> AccessToken:
        """As `verify`, of a token that must let its bearer into a room. Raises `TokenError` with 400 or 401."""
        verified = self.verify(token)
        if not verified.grants.room_join:
            raise _unauthorized("The access token does not allow to join a room.")
        if not verified.grants.room:
            raise TokenError(HTTPStatus.BAD_REQUEST, "The access token names no room.")
        if len(verified.grants.room) > NAME_LENGTH_CHARACTERS:
            reason = f"The access token names a room with more than {NAME_LENGTH_CHARACTERS} characters."
            raise TokenError(HTTPStatus.BAD_REQUEST, reason)
        if not verified.grants.identity:
            raise TokenError(HTTPStatus.BAD_REQUEST, "The access token names no identity.")
        return verified

    def refresh(self, token: AccessToken, grants: Grants) -> str:
        """A successor of `token` with `grants`: good for as long as it was, but for ten minutes at least."""
        remaining = token.expires_at - datetime.now(UTC)
        return self.mint(token.api_key, write_claims(grants), max(remaining, _SHORTEST_REFRESH))

    def mint(self, api_key: str, claims: Mapping[str, object], ttl: timedelta = DEFAULT_TTL) -> str:
        """A token with `claims` (see `write_claims`) that is good for `ttl` from now. `api_key` is a known one."""
        now = datetime.now(UTC)
        payload = {**claims, "iss": api_key, "nbf": now, "exp": now + ttl}
        return jwt.encode(payload, self._secrets[api_key], algorithm=_ALGORITHM)

    def _payload(self, token: str) -> dict[str, Any]:
        """The claims, once signature and times are good. Lone surrogates and an infinite `exp` overwhelm PyJWT."""
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            secret = self._secrets.get(issuer) if isinstance(issuer, str) else None
            if secret is None:
                raise _unauthorized("The access token was made with an API key that this server does not know.")
            return jwt.decode(token, secret, algorithms=[_ALGORITHM], options=_OPTIONS, leeway=LEEWAY)
        except jwt.ExpiredSignatureError:
            raise _unauthorized("The access token has expired.") from None
        except jwt.ImmatureSignatureError:
            raise _unauthorized("The access token is not valid yet.") from None
        except jwt.MissingRequiredClaimError as error:
            raise _unauthorized(f"The access token lacks the claim {error.claim}.") from None
        except (jwt.InvalidTokenError, ValueError, OverflowError):
            raise _unauthorized("The access token is not valid.") from None


def _unauthorized(reason: str) -> TokenError:
    return TokenError(HTTPStatus.UNAUTHORIZED, reason)
