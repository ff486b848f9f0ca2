"""Watching a running server from a terminal, and scraping it."""

from __future__ import annotations

import json
import os
import pty
import select
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator

import aiohttp
import pytest
from livekit import api
from prometheus_client.parser import text_string_to_metric_families

from signalling.config.secrets import DEVELOPMENT_KEY, DEVELOPMENT_SECRET
from tests.cli.command import KEYS, ROOT, hoichan
from tests.running import free_port, running_server

METRICS_PORT = free_port(socket.SOCK_STREAM)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    metrics = {"HOICHAN_METRICS_ENABLED": "true", "HOICHAN_METRICS_PORT": str(METRICS_PORT)}
    with running_server(ROOT, os.environ | metrics) as running:
        yield running.url


@pytest.fixture
async def ward(server: str) -> str:
    """The name of a room that is open, and needs quoting in an address."""
    async with api.LiveKitAPI(server, DEVELOPMENT_KEY, DEVELOPMENT_SECRET) as client:
        room = await client.room.create_room(api.CreateRoomRequest(name="khoa nội/A&B"))
    return str(room.name)


async def scraped() -> dict[str, float]:
    """The samples without labels."""
    url = f"http://127.0.0.1:{METRICS_PORT}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {sample.name: sample.value for sample in samples if not sample.labels}


def test_one_look_is_printed_for_people(server: str, ward: str) -> None:
    shown = hoichan("top", "--once", "--dev", "--url", server, environment={"COLUMNS": "80"})
    assert shown.returncode == 0, shown.stderr
    assert f"> {ward}" in shown.stdout
    assert f"Nobody is in {ward}." in shown.stdout
    assert "CPU Python " in shown.stdout
    assert "\x1b" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_one_look_is_printed_for_scripts(server: str, ward: str) -> None:
    looked = json.loads(hoichan("top", "--json", "--room", ward, "--dev", "--url", server).stdout)
    assert looked["room"]["name"] == ward
    assert [room["name"] for room in looked["node"]["rooms"]] == [ward]
    assert [worker["worker"] for worker in looked["node"]["workers"]] == list(range(len(looked["node"]["workers"])))
    assert json.loads(hoichan("top", "--json", "--dev", "--url", server).stdout)["room"] is None


def test_in_a_terminal_it_goes_on_until_q_is_pressed_and_leaves_the_terminal_as_it_was(server: str, ward: str) -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    watching = subprocess.Popen(
        [sys.executable, "-m", "signalling.cli", "top", "--dev", "--url", server, "--interval", "0.5"],
        cwd=ROOT, env={**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}, stdin=theirs, stdout=theirs,
    )  # fmt: skip
    seen = b""
    while seen.count(f"Nobody is in {ward}.".encode()) < 2:
        seen += os.read(ours, 65_536)
    os.write(ours, b"\x1b[Cq")  # To the next room, which is the same one, and out.
    while watching.poll() is None:
        if select.select([ours], [], [], 0.1)[0]:
            os.read(ours, 65_536)
    assert watching.returncode == 0
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("how", ["--once", "--json"])
def test_a_room_that_is_not_open_is_a_plain_sentence(server: str, how: str) -> None:
    shown = hoichan("top", how, "--room", "nowhere", "--dev", "--url", server)
    assert (shown.returncode, shown.stderr) == (6, "No room called nowhere is open.\n")


def test_a_key_that_the_server_does_not_know_opens_nothing(server: str) -> None:
    shown = hoichan("top", "--once", "--url", server, environment=KEYS)
    assert shown.returncode == 5
    assert "API key that this server does not know" in shown.stderr


def test_a_server_that_is_not_there_is_a_plain_sentence() -> None:
    shown = hoichan("top", "--once", "--dev", "--url", f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}")
    assert shown.returncode == 4
    assert shown.stderr.startswith("No Hoichan server answers at ")


async def test_a_real_scrape_is_understood_and_sees_the_room(server: str, ward: str) -> None:
    before = await scraped()
    assert before["hoichan_rooms"] == 1
    assert before["hoichan_participants"] == 0
    assert before["process_open_fds"] > 0
    hoichan("rooms", "close", ward, "--dev", "--url", server, "--yes")
    after = await scraped()
    assert after["hoichan_rooms"] == 0
    assert after["hoichan_event_loop_lag_seconds_count"] > before["hoichan_event_loop_lag_seconds_count"]
    assert after["hoichan_event_loop_cpu_seconds_total"] > before["hoichan_event_loop_cpu_seconds_total"]


async def test_the_public_port_has_no_metrics(server: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{server}/metrics") as response:
        assert response.status == 404
