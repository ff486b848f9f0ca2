"""The composition root: the only module that imports every layer."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
import secrets
import signal
import string
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import metadata

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from media.engine import MediaEngine
from rooms.live.ids import SidGenerator
from rooms.live.limits import Limits
from rooms.live.state import Timeouts
from signalling.auth.tokens import TokenAuthority
from signalling.client.endpoint import SignalEndpoint
from signalling.client.local_media import LocalMedia
from signalling.clinic_api import web_client
from signalling.clinic_api.dev_token import DevTokenEndpoint
from signalling.clinic_api.live import LiveEndpoint
from signalling.clinic_api.rate_limit import TokenBucket
from signalling.config import Config, MediaConfig, MetricsConfig, RoomsConfig
from signalling.hosting import http_shell
from signalling.hosting.registry import RoomDefaults, RoomRegistry
from signalling.metrics.endpoint import exposed
from signalling.metrics.exporter import Exporter, Sources
from signalling.server_api.room_service import PLANNED, SERVICE, room_service
from signalling.server_api.twirp import Twirp
from signalling.server_api.webhooks.sender import WebhookSender

_VERSION = metadata.version("hoichan")
_SID_CHARACTERS = string.ascii_letters + string.digits
_SID_LENGTH = 12
_CORS = {
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "OPTIONS, HEAD, GET, POST, PATCH, DELETE",
    # The wildcard covers every header but this one (Fetch, "CORS-preflight fetch").
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "*, Authorization",
}
_SAME_ORIGIN_ONLY = "/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. `url` is where its start page is; `metrics_port` is None while no metrics are served."""

    url: str
    metrics_port: int | None
    registry: RoomRegistry
    engine: MediaEngine


async def serve(config: Config, *, ready: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM, then tell everybody and stop. Raises OSError if a port cannot be bound."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(config) as server:
        ready(server.url)
        await stop.wait()


@contextlib.asynccontextmanager
async def running(config: Config) -> AsyncIterator[Server]:
    """A server as `config` says, for as long as the context lasts."""
    authority = TokenAuthority(config.auth.api_keys)
    engine = _engine(config.media)
    registry = _registry(config.rooms, engine, authority)
    undo = engine.subscribe(registry.handle)
    webhooks = WebhookSender(config.webhook.urls, authority, config.webhook.api_key, events=config.webhook.events)
    pages = await asyncio.get_running_loop().run_in_executor(None, web_client.built)
    runner = http_shell.runner(_application(config, authority, engine, registry, pages))
    try:
        await runner.setup()
        site = web.TCPSite(runner, config.http.host, config.http.port)
        await site.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(webhooks.run())
            registry.watch(webhooks.notify)
            async with _metrics(config.metrics, authority, engine, registry, webhooks) as metrics_port:
                yield Server(url=_url(config, runner), metrics_port=metrics_port, registry=registry, engine=engine)
                registry.shut_down()
            webhooks.stop()
    finally:
        await runner.cleanup()
        undo()
        await engine.close()


def _application(
    config: Config,
    authority: TokenAuthority,
    engine: MediaEngine,
    registry: RoomRegistry,
    pages: dict[str, web_client.Page],
) -> web.Application:
    application = web.Application(middlewares=[_answer_preflights])
    application.add_routes(SignalEndpoint(registry, authority).routes())
    application.add_routes(Twirp(authority, {SERVICE: room_service(registry)}, PLANNED).routes())
    application.add_routes(_live(authority, engine, registry).routes())
    application.add_routes(web_client.routes(pages))
    if config.dev:
        application.add_routes(_dev_tokens(config, authority).routes())
    application.on_response_prepare.append(_allow_every_origin)
    return application


def _engine(config: MediaConfig) -> MediaEngine:
    tcp = (config.host, config.tcp_port) if config.tcp_enabled else None
    return MediaEngine.start(
        udp=(config.host, config.udp_port),
        tcp=tcp,
        announced_ips=config.announced_ips,
        workers=config.workers,
        crowd=config.crowd,
    )


def _registry(config: RoomsConfig, engine: MediaEngine, authority: TokenAuthority) -> RoomRegistry:
    generator = secrets.SystemRandom()
    return RoomRegistry(
        core=engine,
        media=_local_media(engine, generator),
        authority=authority,
        node=f"ND_{_token(generator)}",
        defaults=RoomDefaults(
            max_rooms=config.max_rooms,
            timeouts=Timeouts(
                empty=config.empty_timeout_seconds,
                departure=config.departure_timeout_seconds,
                resume=config.resume_window_seconds,
            ),
            limits=Limits(
                max_participants=config.max_participants,
                tracks_per_participant=config.max_tracks_per_participant,
                loudest_microphones=config.loudest_microphones,
            ),
            dynacast=config.dynacast,
        ),
        sids=SidGenerator(lambda: _token(generator)),
        clock=asyncio.get_running_loop(),
        unix_clock=time.time,
    )


@contextlib.asynccontextmanager
async def _metrics(
    config: MetricsConfig,
    authority: TokenAuthority,
    engine: MediaEngine,
    registry: RoomRegistry,
    webhooks: WebhookSender,
) -> AsyncIterator[int | None]:
    """Serve metrics, if they are wanted, and give the port."""
    if not config.enabled:
        yield None
        return
    exporter = Exporter(
        Sources(
            version=_VERSION,
            counters=engine.counters,
            workers=engine.statistics,
            waiting_commands=engine.waiting_commands,
            census=registry.census,
            events=registry.counters,
            messages=registry.messages,
            webhooks=webhooks.outcomes,
        )
    )
    undoes = (engine.subscribe(exporter.media), registry.watch(exporter.fact))
    try:
        async with exposed(exporter, config, authority) as port:
            yield port
    finally:
        for undo in undoes:
            undo()


def _local_media(engine: MediaEngine, generator: random.Random) -> LocalMedia:
    return LocalMedia(
        fingerprint=engine.fingerprint,
        candidates=engine.candidates,
        transport_id=engine.transport_id,
        producer_id=engine.producer_id,
        consumer_id=engine.consumer_id,
        speaker_group_id=engine.speaker_group_id,
        random=generator,
    )


def _live(authority: TokenAuthority, engine: MediaEngine, registry: RoomRegistry) -> LiveEndpoint:
    return LiveEndpoint(
        authority=authority,
        rooms=registry,
        version=_VERSION,
        counters=engine.counters,
        workers=engine.statistics,
        clock=asyncio.get_running_loop().time,
    )


def _dev_tokens(config: Config, authority: TokenAuthority) -> DevTokenEndpoint:
    return DevTokenEndpoint(
        authority=authority,
        api_key=next(iter(config.auth.api_keys)),
        bucket=TokenBucket(burst=60, per_second=1.0),
        clock=asyncio.get_running_loop().time,
    )


def _token(generator: random.Random) -> str:
    return "".join(generator.choices(_SID_CHARACTERS, k=_SID_LENGTH))


def _url(config: Config, runner: web.AppRunner) -> str:
    """As a browser on this machine would write it, with the port that was bound."""
    port = runner.addresses[0][1]
    address = ipaddress.ip_address(config.http.host)
    if address.is_unspecified or address.is_loopback:
        return f"http://localhost:{port}"
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"  # noqa: PLR2004 - IPv6


@web.middleware
async def _answer_preflights(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Before routing: a route for OPTIONS on every path would make 405 of the 404 by which clients find their way."""
    if request.method == hdrs.METH_OPTIONS and not request.path.startswith(_SAME_ORIGIN_ONLY):
        return web.Response()
    return await handler(request)


async def _allow_every_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Tokens, not origins, say who may do what here; only the web client's own interface is for its own pages."""
    if not request.path.startswith(_SAME_ORIGIN_ONLY):
        response.headers.extend(_CORS)
