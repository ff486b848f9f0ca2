"""What a browser is given when somebody opens the start page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from signalling.clinic_api.web_client import built, pages_of, routes

SCRIPT = "export const x = 1;\n" * 100


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.add_routes(routes(await asyncio.to_thread(pages_of, folder)))
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        yield client


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Hội chẩn</title>", encoding="utf-8")
    (tmp_path / "assets/main-1a2b.js").write_text(SCRIPT)
    return tmp_path


async def test_the_start_page_is_fresh_every_time_and_may_load_nothing_from_elsewhere(build: Path) -> None:
    async with browser(build) as client:
        response = await client.get("/")
        assert response.status == 200
        assert response.content_type == "text/html"
        assert "Hội chẩn" in await response.text()
        assert response.headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "camera=(self)" in response.headers["Permissions-Policy"]


async def test_a_script_is_compressed_and_kept_for_ever(build: Path) -> None:
    async with browser(build) as client:
        response = await client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert "immutable" in response.headers["Cache-Control"]
        assert len(await response.read()) < len(SCRIPT) / 5
        plain = await client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
        assert await plain.text() == SCRIPT


async def test_what_the_browser_still_has_is_not_sent_again(build: Path) -> None:
    async with browser(build) as client:
        tag = (await client.get("/")).headers["ETag"]
        again = await client.get("/", headers={"If-None-Match": tag})
        assert (again.status, await again.read()) == (304, b"")


async def test_a_head_request_finds_the_server_alive(build: Path) -> None:
    async with browser(build) as client:
        assert (await client.head("/")).status == 200


@pytest.mark.parametrize("path", ["/../conftest.py", "/assets/%2e%2e/%2e%2e/secret", "/rtc/v1/validate", "/index.htm"])
async def test_nothing_but_the_build_is_served(build: Path, path: str) -> None:
    (build.parent / "secret").write_text("secret")
    async with browser(build) as client:
        assert (await client.get(path)).status == 404


async def test_without_a_build_the_server_says_so_and_still_counts_as_alive(tmp_path: Path) -> None:
    async with browser(tmp_path / "none") as client:
        response = await client.get("/")
        assert response.status == 200
        assert "make setup" in await response.text()


def test_the_installed_server_finds_its_own_start_page() -> None:
    assert "/" in built()
