"""A server that offers RoomService over rooms without media."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from livekit import api

from signalling.auth.tokens import TokenAuthority
from signalling.server_api.room_service import PLANNED, SERVICE, room_service
from signalling.server_api.twirp import Twirp
from tests.signalling.server_api.hall import Hall

KEY, SECRET = "hospital", "a-secret-of-this-hospital-1234567890"


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def authority() -> TokenAuthority:
    return TokenAuthority({KEY: SECRET})


@pytest.fixture
async def server(hall: Hall, authority: TokenAuthority) -> AsyncIterator[str]:
    """Its address."""
    application = web.Application()
    application.add_routes(Twirp(authority, {SERVICE: room_service(hall)}, PLANNED).routes())
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def livekit(server: str) -> AsyncIterator[api.LiveKitAPI]:
    """LiveKit's own client of that server."""
    client = api.LiveKitAPI(server, KEY, SECRET)
    try:
        yield client
    finally:
        await client.aclose()
