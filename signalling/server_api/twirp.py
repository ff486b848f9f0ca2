"""Twirp (protocol version 7): remote procedure calls as HTTP POST, in protobuf or in JSON.

Known here are routes, encodings and errors, nothing of what a method does.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import hdrs, web
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from signalling.auth.bearer import bearer_token
from signalling.auth.grants import Grants
from signalling.auth.tokens import TokenAuthority, TokenError

MAX_BODY_BYTES = 10 * 1024 * 1024
PROTOBUF = "application/protobuf"
JSON = "application/json"

_logger = logging.getLogger(__name__)
_Request = TypeVar("_Request", bound=Message)
Answer = Message | Awaitable[Message]
"""Of a method: at once, or when somebody else has answered."""


class Code(StrEnum):
    """The error codes of Twirp that occur here."""

    MALFORMED = "malformed"
    INVALID_ARGUMENT = "invalid_argument"
    UNAUTHENTICATED = "unauthenticated"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    BAD_ROUTE = "bad_route"
    FAILED_PRECONDITION = "failed_precondition"
    RESOURCE_EXHAUSTED = "resource_exhausted"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    INTERNAL = "internal"
    UNIMPLEMENTED = "unimplemented"


_STATUS = {
    Code.MALFORMED: HTTPStatus.BAD_REQUEST,
    Code.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.BAD_ROUTE: HTTPStatus.NOT_FOUND,
    Code.FAILED_PRECONDITION: HTTPStatus.PRECONDITION_FAILED,
    Code.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.DEADLINE_EXCEEDED: HTTPStatus.REQUEST_TIMEOUT,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
}


class TwirpError(Exception):
    """A call failed. `message` is a plain sentence for whoever called, `meta` what a program may want to know."""

    def __init__(self, code: Code, message: str, meta: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.meta = meta or {}


@dataclass(frozen=True, slots=True)
class Method:
    """One procedure, made by `method`."""

    request: type[Message]
    handle: Callable[[Grants, Any], Answer]

    def call(self, grants: Grants, body: bytes, content_type: str) -> Answer:
        return self.handle(grants, _decoded(self.request, body, content_type))


def method(request: type[_Request], handle: Callable[[Grants, _Request], Answer]) -> Method:
    """A procedure that takes `request`; `handle` gets it with the caller's grants, and may raise `TwirpError`."""
    return Method(request, handle)


@dataclass(frozen=True, slots=True)
class Twirp:
    """Serves `services`: full service name to method name to method. `planned` are known, but not served yet."""

    authority: TokenAuthority
    services: Mapping[str, Mapping[str, Method]]
    planned: Collection[str] = ()

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to add to an aiohttp application."""
        return [web.route(hdrs.METH_ANY, "/twirp/{path:.*}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            called = self._method(request)
            grants = self._grants(request)
            answer = called.call(grants, await _body(request), request.content_type)
            if inspect.isawaitable(answer):
                answer = await answer
        except TwirpError as error:
            return _failure(error)
        except Exception:
            _logger.exception("twirp %s failed", request.path)
            return _failure(TwirpError(Code.INTERNAL, "The server made a mistake; it is in its log."))
        return _success(answer, request.content_type)

    def _method(self, request: web.Request) -> Method:
        service, _, name = request.match_info["path"].partition("/")
        if service in self.planned:
            raise TwirpError(Code.UNIMPLEMENTED, f"This server does not offer {service}.")
        method = self.services.get(service, {}).get(name)
        if method is None:
            raise TwirpError(Code.BAD_ROUTE, f"There is no method {service}/{name}.")
        if request.method != hdrs.METH_POST:
            raise TwirpError(Code.BAD_ROUTE, f"{request.method} is not supported, only POST.")
        if request.content_type not in (PROTOBUF, JSON):
            raise TwirpError(Code.BAD_ROUTE, f"Content-Type is {request.content_type}, expected {PROTOBUF} or {JSON}.")
        return method

    def _grants(self, request: web.Request) -> Grants:
        token = bearer_token(request.headers.get(hdrs.AUTHORIZATION, ""))
        if not token:
            raise TwirpError(Code.UNAUTHENTICATED, "The Authorization header must carry a Bearer access token.")
        try:
            return self.authority.verify(token).grants
        except TokenError as error:
            raise TwirpError(Code.UNAUTHENTICATED, error.reason) from None


async def _body(request: web.Request) -> bytes:
    """The whole body, after aiohttp undid its compression."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TwirpError(Code.MALFORMED, f"The body is longer than {MAX_BODY_BYTES} bytes.")
    return bytes(body)


def _decoded(message: type[_Request], body: bytes, content_type: str) -> _Request:
    try:
        if content_type == JSON:
            return json_format.Parse(body, message(), ignore_unknown_fields=True)
        return message.FromString(body)
    except (DecodeError, json_format.ParseError, UnicodeDecodeError):
        raise TwirpError(Code.MALFORMED, f"The body is no {message.DESCRIPTOR.full_name} in {content_type}.") from None


def _success(answer: Message, content_type: str) -> web.Response:
    if content_type == JSON:
        text = json_format.MessageToJson(answer, always_print_fields_with_no_presence=True, indent=None)
        return web.Response(text=text, content_type=JSON)
    return web.Response(body=answer.SerializeToString(), content_type=PROTOBUF)


def _failure(error: TwirpError) -> web.Response:
    """Errors are JSON whatever the call was in."""
    text = json.dumps({"code": error.code, "msg": error.message, "meta": dict(error.meta)})
    return web.Response(status=_STATUS[error.code], text=text, content_type=JSON)
