"""Scraping over HTTP: who may, and that nothing else is served there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from signalling.auth.tokens import TokenAuthority
from signalling.config import MetricsConfig
from signalling.metrics import loop_lag
from signalling.metrics.endpoint import PATH, exposed, routes
from tests.served import served
from tests.signalling.metrics.figures import busy

KEY = "ward"
AUTHORITY = TokenAuthority({KEY: "a-secret-of-this-hospital-1234567890"})
LOOPBACK = MetricsConfig(enabled=True, host="127.0.0.1", port=0)


async def scraped(url: str, token: str | None = None) -> tuple[int, str, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, response.headers["Content-Type"], await response.text()


async def test_on_loopback_prometheus_reads_the_figures() -> None:
    async with exposed(busy(), LOOPBACK, AUTHORITY) as port:
        status, content_type, text = await scraped(f"http://127.0.0.1:{port}{PATH}")
        assert status == 200
        assert content_type.startswith("text/plain; version=")
        assert "\nhoichan_rooms 3.0\n" in text
        assert "\nprocess_resident_memory_bytes " in text
        assert (await scraped(f"http://127.0.0.1:{port}/"))[0] == 404
    with pytest.raises(aiohttp.ClientConnectionError):
        await scraped(f"http://127.0.0.1:{port}{PATH}")


@pytest.mark.parametrize(
    ("host", "needed"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("192.0.2.5", True), ("::", True)]
)
def test_beyond_this_machine_a_token_is_needed(host: str, *, needed: bool) -> None:
    assert MetricsConfig(enabled=True, host=host, port=0).needs_token is needed


@pytest.fixture
async def guarded() -> AsyncIterator[str]:
    """The same figures where a token is needed."""
    async with served(routes(busy(), AUTHORITY)) as url:
        yield url + PATH


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (None, 401),
        ("", 401),
        ("nonsense", 401),
        (AUTHORITY.mint(KEY, {"video": {"roomJoin": True, "room": "ward"}}), 401),
        (AUTHORITY.mint(KEY, {"video": {"roomList": True}}), 200),
    ],
)
async def test_a_token_that_may_list_rooms_may_scrape(guarded: str, token: str | None, status: int) -> None:
    got, _, text = await scraped(guarded, token)
    assert got == status
    assert ("hoichan_rooms" in text) == (status == 200)


async def test_a_loop_that_is_held_up_is_told_of() -> None:
    lags: list[float] = []
    measuring = asyncio.create_task(loop_lag.measure(lags.append, interval=0.01))
    while len(lags) < 3:
        await asyncio.sleep(0.005)
    calm, loop = min(lags), asyncio.get_running_loop()
    lags.clear()
    busy_until = loop.time() + 0.25
    while loop.time() < busy_until:
        pass  # As a handler does that computes for too long.
    while not lags:
        await asyncio.sleep(0.005)
    measuring.cancel()
    assert lags[0] > 0.2 > calm
