"""`POST /api/dev/token`: lets a newcomer into any room without an account. Exists with `--dev` only, on loopback only.

Other web pages in the newcomer's browser cannot use it: they may not read the answer (no CORS here), their JSON
is stopped by the preflight, and a name of theirs that resolves to loopback (DNS rebinding) is refused by its Host.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from rooms.live.ids import Identity, Seconds
from rooms.live.permission import Permission
from signalling.auth.grants import Grants, write_claims
from signalling.auth.tokens import TokenAuthority
from signalling.clinic_api.problem import Problem
from signalling.clinic_api.rate_limit import TokenBucket

PATH = "/api/dev/token"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
MAX_BODY_BYTES = 4096
MAX_NAME_CHARACTERS = 100
MAX_ROOM_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A checked request: both texts are in NFC, without spaces around them, and not empty."""

    room: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DevTokenEndpoint:
    """`clock` is monotonic; `api_key` is one that `authority` knows."""

    authority: TokenAuthority
    api_key: str
    bucket: TokenBucket
    clock: Callable[[], Seconds]

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        try:
            self._admit(request)
            wanted = parse(await _body(request))
        except Problem as problem:
            return problem.response()
        identity = _identity(wanted.name)
        permission = Permission(can_update_own_metadata=True)  # A raised hand is an attribute of one's own.
        grants = Grants(identity=identity, name=wanted.name, room=wanted.room, room_join=True, permission=permission)
        token = self.authority.mint(self.api_key, write_claims(grants))
        return web.json_response({"token": token, "identity": identity}, headers={"Cache-Control": "no-store"})

    def _admit(self, request: web.Request) -> None:
        if re.sub(r":\d+$", "", request.host) not in LOOPBACK_NAMES:
            raise Problem(HTTPStatus.FORBIDDEN, "foreign-host", "This address is for this machine only.")
        if request.content_type != "application/json":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", "Send JSON, with its Content-Type.")
        if (wait := self.bucket.take(self.clock())) is not None:
            headers = {"Retry-After": str(math.ceil(wait))}
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many tokens; wait a moment.", headers)


def parse(body: bytes) -> Request:
    """Raises Problem naming the field."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.keys() != {"room", "name"}:
        raise _bad("not-understood", 'Expected {"room": …, "name": …} and nothing else.')
    return Request(
        room=_text(content["room"], "room", MAX_ROOM_CHARACTERS),
        name=_text(content["name"], "name", MAX_NAME_CHARACTERS),
    )


async def _body(request: web.Request) -> bytes:
    body = await request.content.read(MAX_BODY_BYTES + 1)
    while len(body) <= MAX_BODY_BYTES and (more := await request.content.read(MAX_BODY_BYTES + 1 - len(body))):
        body += more
    if len(body) > MAX_BODY_BYTES:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"Send at most {MAX_BODY_BYTES} bytes.")
    return body


def _text(value: object, field: str, most: int) -> str:
    if not isinstance(value, str):
        raise _bad(f"bad-{field}", f"{field} must be a text.")
    text = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(text) <= most:
        raise _bad(f"bad-{field}", f"{field} must have 1 to {most} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise _bad(f"bad-{field}", f"{field} must not contain control characters.")
    return text


def _bad(code: str, sentence: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, code, sentence)


def _identity(name: str) -> Identity:
    """Readable in lists and logs of a trial, and nobody else's: two people may have one name."""
    ascii_only = (
        unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    )
    readable = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:32] or "guest"
    return Identity(f"{readable}-{secrets.token_hex(4)}")
