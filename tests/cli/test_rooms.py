"""Looking after a running server from a terminal."""

import json
import os
from collections.abc import Iterator

import pytest
from livekit import api

from signalling.config.secrets import DEVELOPMENT_KEY, DEVELOPMENT_SECRET
from tests.cli.command import ROOT, hoichan
from tests.running import running_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server(ROOT, os.environ) as running:
        yield running.url


@pytest.fixture
async def ward(server: str) -> str:
    """The name of a room that is open."""
    async with api.LiveKitAPI(server, DEVELOPMENT_KEY, DEVELOPMENT_SECRET) as client:
        room = await client.room.create_room(api.CreateRoomRequest(name="khoa-nội"))
    return str(room.name)


def test_the_open_rooms_are_listed_for_people_and_for_scripts(server: str, ward: str) -> None:
    assert ward in hoichan("rooms", "list", "--dev", "--url", server).stdout
    listed = json.loads(hoichan("rooms", "list", "--dev", "--url", server, "--json").stdout)
    assert [room["name"] for room in listed] == [ward]


def test_a_room_is_shown_with_who_is_in_it(server: str, ward: str) -> None:
    assert hoichan("rooms", "show", ward, "--dev", "--url", server).stdout == f"Nobody is in {ward}.\n"
    shown = json.loads(hoichan("rooms", "show", ward, "--dev", "--url", server, "--json").stdout)
    assert shown["room"]["name"] == ward
    assert shown["participants"] == []


def test_a_closed_room_is_gone(server: str, ward: str) -> None:
    closed = hoichan("rooms", "close", ward, "--dev", "--url", server)
    assert (closed.returncode, closed.stdout) == (0, f"{ward} is closed.\n")
    shown = hoichan("rooms", "show", ward, "--dev", "--url", server)
    assert (shown.returncode, shown.stderr) == (6, f"No room called {ward} is open.\n")
    assert hoichan("rooms", "list", "--dev", "--url", server).stdout == "No room is open.\n"


def test_a_key_that_the_server_does_not_know_is_refused(server: str) -> None:
    stranger = {"HOICHAN_AUTH_API_KEYS": "other: 7kP2vQ9xWmZ4rT8sLbN1cD6fGhJ3yXaE"}
    refused = hoichan("rooms", "list", "--url", server, environment=stranger)
    assert refused.returncode == 5
    assert refused.stderr.startswith("The server refused (unauthenticated): ")


def test_where_no_server_is_the_command_says_so() -> None:
    nowhere = hoichan("rooms", "list", "--dev", "--url", "http://127.0.0.1:9")
    assert nowhere.returncode == 4
    assert nowhere.stderr.startswith("No Hoichan server answers at http://127.0.0.1:9: ")


def test_a_port_that_is_taken_is_named(server: str) -> None:
    port = server.rpartition(":")[2]
    second = hoichan("serve", "--dev", "--set", "media.udp_port=0", "--set", "media.tcp_port=0", "--port", port)
    assert second.returncode == 7
    assert port in second.stderr
    assert "Traceback" not in second.stderr
