"""`GET /metrics`, on an address of its own: figures are for operators, the public port is for everybody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST

from signalling.auth.bearer import bearer_token
from signalling.auth.tokens import TokenAuthority, TokenError
from signalling.config import MetricsConfig
from signalling.hosting import http_shell
from signalling.metrics import loop_lag, process
from signalling.metrics.exporter import Exporter

PATH = "/metrics"


@contextlib.asynccontextmanager
async def exposed(exporter: Exporter, config: MetricsConfig, authority: TokenAuthority) -> AsyncIterator[int]:
    """Serve `exporter` for as long as the context lasts, and give the port. Raises OSError if it cannot be bound."""
    application = web.Application()
    application.add_routes(routes(exporter, authority if config.needs_token else None))
    runner = http_shell.runner(application)
    measuring = asyncio.create_task(loop_lag.measure(exporter.lag))
    try:
        await runner.setup()
        await web.TCPSite(runner, config.host, config.port).start()
        yield runner.addresses[0][1]
    finally:
        measuring.cancel()
        await runner.cleanup()


def routes(exporter: Exporter, authority: TokenAuthority | None) -> list[web.RouteDef]:
    """With an `authority`, a scrape needs an access token of it that grants `roomList`."""
    return [web.get(PATH, _handler(exporter, authority))]


def _handler(exporter: Exporter, authority: TokenAuthority | None) -> Handler:
    async def scrape(request: web.Request) -> web.Response:
        if authority is not None and not _may_scrape(request, authority):
            reason = "An access token that grants roomList is needed.\n"
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=reason, headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        body = exporter.text() + await asyncio.to_thread(process.text)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})

    return scrape


def _may_scrape(request: web.Request, authority: TokenAuthority) -> bool:
    try:
        token = authority.verify(bearer_token(request.headers.get(hdrs.AUTHORIZATION, "")))
    except TokenError:
        return False
    return token.grants.room_list
