"""Serving an aiohttp application, with what bounds a caller before and around any handler."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import hdrs, web, web_response
from aiohttp.typedefs import Handler, Middleware

from rooms.live.ids import Seconds

MAX_LINE_BYTES = 65_536
"""Of a request's line and of each header. Browsers put whole session descriptions into the line of `/rtc/v1`."""

IDLE_SECONDS: Seconds = 20.0
"""A connection without a complete request is closed after this: new, between requests, or dripping its headers."""

REQUEST_SECONDS: Seconds = 90.0
"""From its headers to its answer, which a remote procedure call to a participant may take a minute for."""

LINGERING_SECONDS: Seconds = 1.0
"""How long the rest of a body that nobody wants is read, so that the caller can read why."""

SHUTDOWN_SECONDS: Seconds = 5.0
SOFTWARE = "Hoichan"
"""Without versions: who attacks us is to find them out alone."""


def runner(
    application: web.Application, *, idle: Seconds = IDLE_SECONDS, longest: Seconds = REQUEST_SECONDS
) -> web.AppRunner:
    """What serves `application`, which must not have been started."""
    # There is no setting for it, and no signal reaches the answer to a request that is no HTTP.
    web_response.SERVER_SOFTWARE = SOFTWARE  # type: ignore[attr-defined]  # imported there, not exported
    application.middlewares.insert(0, _bounding(longest))
    return web.AppRunner(
        application,
        keepalive_timeout=idle,  # Counted from the connection on, and not renewed by part of a request.
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
        lingering_time=LINGERING_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )


def _bounding(longest: Seconds) -> Middleware:
    @web.middleware
    async def bound(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == hdrs.METH_GET and hdrs.UPGRADE in request.headers:
            return await handler(request)  # A WebSocket: a call lasts.
        limit = asyncio.timeout(longest)
        try:
            async with limit:
                return await handler(request)
        except TimeoutError:
            if not limit.expired():
                raise
            return web.Response(status=HTTPStatus.REQUEST_TIMEOUT, headers={hdrs.CONNECTION: "close"})

    return bound
