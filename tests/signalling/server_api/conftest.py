"""A server that offers RoomService over rooms without media."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from livekit import api

from signalling.auth.tokens import TokenAuthority
from signalling.server_api.room_service import PLANNED, SERVICE, room_service
from signalling.server_api.twirp import Twirp
from tests.served import served
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
    async with served(Twirp(authority, {SERVICE: room_service(hall)}, PLANNED).routes()) as url:
        yield url


@pytest.fixture
async def livekit(server: str) -> AsyncIterator[api.LiveKitAPI]:
    """LiveKit's own client of that server."""
    client = api.LiveKitAPI(server, KEY, SECRET)
    try:
        yield client
    finally:
        await client.aclose()
