"""The wheel in a place that has neither a compiler nor Node.js: what a hospital installs."""

import asyncio
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.running import running_server

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel() -> Path:
    """As `make build` makes it; nothing is built again that is up to date."""
    subprocess.run([ROOT / "scripts/build.sh"], check=True)
    (built,) = (ROOT / "dist").glob("hoichan-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that had nothing in it before, versions as in the lock."""
    environment = tmp_path_factory.mktemp("installed")
    venv.create(environment, with_pip=True)
    python = environment / "bin/python"
    pinned = environment / "constraints.txt"
    lines = (ROOT / "requirements/lock.txt").read_text().splitlines()
    pinned.write_text(
        "\n".join(line.removesuffix(" \\") for line in lines if "==" in line and not line.startswith(" "))
    )
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--constraint", pinned, wheel], check=True)
    return environment / "bin"


@pytest.fixture
def server(installed: Path, tmp_path: Path) -> Iterator[str]:
    """Its address; it runs in an empty folder, with nothing of this machine's on its PATH."""
    environment = {"PATH": str(installed), "HOME": str(tmp_path)}
    with running_server(tmp_path, environment, (str(installed / "hoichan"),)) as running:
        yield running.url


def test_neither_cargo_nor_node_is_within_reach(installed: Path) -> None:
    found = {path.name for path in installed.iterdir()}
    assert "hoichan" in found
    assert not found & {"cargo", "rustc", "node", "npm", "cc", "gcc"}


def test_the_benchmark_says_that_it_needs_a_checkout(installed: Path) -> None:
    asked = subprocess.run([installed / "hoichan", "bench"], capture_output=True, text=True, check=False)
    assert asked.returncode == 7
    assert "In a checkout of the source" in asked.stderr


def test_the_package_brings_no_sources_that_it_does_not_need(installed: Path) -> None:
    listing = subprocess.run(
        [installed / "python", "-m", "pip", "show", "--files", "hoichan"], check=True, capture_output=True, text=True
    ).stdout
    assert "media/_core" in listing
    assert "signalling/config/default.toml" in listing
    assert "signalling/web_client_dist/index.html" in listing
    assert not any(suffix in listing for suffix in (".rs\n", ".ts\n", "Cargo", "tests/"))


async def test_a_person_opens_the_start_page_and_gets_into_a_room(server: str) -> None:
    async with aiohttp.ClientSession(server) as session:
        async with session.get("/") as page:
            assert page.status == 200
            assert '<div id="root">' in await page.text()
        async with session.post("/api/dev/token", json={"room": "r", "name": "An"}) as answer:
            token = (await answer.json())["token"]
        async with session.get("/rtc/validate", params={"access_token": token}) as valid:
            assert (valid.status, await valid.text()) == (200, "success")
        async with session.ws_connect("/rtc", params={"access_token": token, "protocol": "16"}) as socket:
            joined = await asyncio.wait_for(socket.receive_bytes(), 5)
            assert b"An" in joined


def test_the_installed_command_knows_its_version(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": ""}
    told = subprocess.run(
        [installed / "hoichan", "version"], check=True, capture_output=True, text=True, env=environment
    )
    assert told.stdout.startswith("hoichan ")
    assert sys.version.split()[0] in told.stdout
