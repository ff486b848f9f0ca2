"""The shell, over real sockets and with the real core: what HTTP and WebSocket clients get."""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import uvloop
from google.protobuf import json_format
from livekit.protocol import models, rtc

from rooms.live.admin_actions import UpdateRoomMetadata
from rooms.live.effects import FactKind
from signalling.app import Server, running
from signalling.auth.grants import Grants, write_claims
from signalling.auth.tokens import TokenAuthority
from signalling.client.websocket import MAX_UNREAD_BYTES
from signalling.config import Config
from signalling.config.load import load

KEY, SECRET = "devkey", "development-only-secret-32-chars!!"
DUAL = "protocol=17&auto_subscribe=1&sdk=python"


@pytest.fixture
def config() -> Config:
    """A development server on free ports, for two people a room."""
    flags = ["http.port=0", "media.udp_port=0", "media.tcp_port=0", "rooms.max_participants=2"]
    return load(dev=True, file=None, environment={}, flags=flags).config


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with running(config) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


def token(identity: str = "lan", room: str = "r", *, room_join: bool = True) -> str:
    grants = Grants(identity=identity, room=room, room_join=room_join)  # type: ignore[arg-type]  # a plain text
    return TokenAuthority({KEY: SECRET}).mint(KEY, write_claims(grants))


@asynccontextmanager
async def connected(
    http: aiohttp.ClientSession, identity: str = "lan", path: str = f"/rtc?{DUAL}"
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {"Authorization": f"Bearer {token(identity)}"}
    async with http.ws_connect(path, headers=headers, max_msg_size=0) as link:
        yield link


async def read(link: aiohttp.ClientWebSocketResponse, kind: str) -> Any:
    """The next message of that kind; others are passed over."""
    while True:
        message = rtc.SignalResponse.FromString(await link.receive_bytes(timeout=10))
        if message.WhichOneof("message") == kind:
            return getattr(message, kind)


def join_request() -> str:
    content = rtc.JoinRequest(client_info=models.ClientInfo(protocol=17)).SerializeToString()
    return base64.urlsafe_b64encode(rtc.WrappedJoinRequest(join_request=content).SerializeToString()).decode()


async def test_the_first_frame_is_the_join_in_binary(http: aiohttp.ClientSession) -> None:
    async with connected(http) as link:
        first = await link.receive(timeout=5)
        assert first.type is aiohttp.WSMsgType.BINARY
        assert rtc.SignalResponse.FromString(first.data).join.room.name == "r"


async def test_the_token_may_stand_in_the_query_and_the_header_wins(http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"/rtc?access_token={token('mai')}&{DUAL}") as link:
        assert (await read(link, "join")).participant.identity == "mai"
    async with connected(http, "lan", f"/rtc?access_token={token('mai')}&{DUAL}") as link:
        assert (await read(link, "join")).participant.identity == "lan"


async def test_one_connection_is_served_where_its_clients_ask(server: Server) -> None:
    """Their URLs may have a path, or end with a slash."""
    async with aiohttp.ClientSession() as http:
        for path in ("/rtc/v1", "/rtc", "//rtc/v1", "/behind/a/proxy/rtc/v1"):
            url = f"{server.url}{path}?join_request={join_request()}"
            async with connected(http, "lan", url) as link:
                assert not (await read(link, "join")).subscriber_primary


async def test_who_asks_in_text_is_answered_in_text(http: aiohttp.ClientSession) -> None:
    async with connected(http) as link:
        await read(link, "join")
        await link.send_str('{"pingReq": {"timestamp": "5"}, "fromTheFuture": 1}')
        while True:
            message = await link.receive(timeout=5)
            if message.type is aiohttp.WSMsgType.TEXT:
                break
        answer = json_format.Parse(message.data, rtc.SignalResponse())
        assert answer.pong_resp.last_ping_timestamp == 5


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        (f"/rtc/validate?access_token={{good}}&{DUAL}", 200, "success"),
        ("/rtc/v1/validate?access_token={good}&join_request={join}", 200, "success"),
        ("/rtc/v1/validate?access_token={good}", 400, "join_request"),
        ("/rtc/v1/validate?access_token={good}&join_request=!", 400, "join_request"),
        ("/rtc/validate?access_token={bad}", 401, "not valid"),
        ("/rtc/validate", 401, "token"),
        ("/rtc/validate?access_token={useless}", 401, "join a room"),
        ("/rtc?access_token={good}", 404, "WebSocket"),
        ("/rtc/v1?access_token={good}", 404, "WebSocket"),
        ("/rtc/v2", 404, ""),
    ],
)
async def test_http_says_why_in_plain_text_to_any_origin(
    http: aiohttp.ClientSession, path: str, status: int, reason: str
) -> None:
    url = path.format(good=token(), bad="x.y.z", useless=token(room_join=False), join=join_request())
    async with http.get(url, headers={"Origin": "https://elsewhere.example"}) as response:
        assert response.status == status
        assert reason in await response.text()
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.content_type == "text/plain"


async def test_a_full_room_is_said_before_the_upgrade_and_by_validate(http: aiohttp.ClientSession) -> None:
    async with connected(http, "lan"), connected(http, "mai"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with connected(http, "nam"):
                pass
        assert refused.value.status == 403
        async with http.get(f"/rtc/validate?access_token={token('nam')}&{DUAL}") as response:
            assert (response.status, await response.text()) == (403, "The room is full.")
        async with http.get(f"/rtc/validate?access_token={token('lan')}&{DUAL}") as response:
            assert response.status == 200


@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1/validate", "/twirp/livekit.RoomService/ListRooms", "/"])
async def test_preflights_are_answered(http: aiohttp.ClientSession, path: str) -> None:
    async with http.options(path) as response:
        assert response.status == 200
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
    async with http.options("/api/dev/token") as response:
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_the_root_is_a_health_check(http: aiohttp.ClientSession) -> None:
    for method in ("HEAD", "GET"):
        async with http.request(method, "/") as response:
            assert response.status == 200
            assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_request_line_as_long_as_browsers_write_passes(http: aiohttp.ClientSession) -> None:
    async with connected(http, "lan", f"/rtc?{DUAL}&padding={'x' * 40_000}") as link:
        assert (await read(link, "join")).participant.identity == "lan"


async def test_a_seat_that_is_gone_is_said_so_as_the_first_word(http: aiohttp.ClientSession) -> None:
    async with connected(http, "lan", f"/rtc?{DUAL}&reconnect=1&sid=PA_none") as link:
        first = rtc.SignalResponse.FromString(await link.receive_bytes(timeout=5))
        assert first.leave.reason == models.DisconnectReason.STATE_MISMATCH
        assert first.leave.action == rtc.LeaveRequest.Action.RECONNECT
        assert (await link.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        assert link.close_code == 1000


async def test_frames_that_are_no_requests_are_counted_and_passed_over(
    http: aiohttp.ClientSession, server: Server
) -> None:
    async with connected(http) as link:
        await read(link, "join")
        await link.send_bytes(b"\xff" * 100)
        await link.send_str("{" * 10_000)
        await link.send_bytes(rtc.SignalRequest(ping=1).SerializeToString())
        while True:
            message = await link.receive(timeout=5)
            if message.type is aiohttp.WSMsgType.TEXT and "pong" in message.data:
                break
        assert server.registry.counters["malformed_frame"] == 2


async def test_a_frame_over_two_megabytes_ends_the_connection_and_nothing_else(http: aiohttp.ClientSession) -> None:
    async with connected(http, "lan") as victim, connected(http, "mai") as link:
        await read(link, "join")
        await link.send_bytes(bytes(2 * 1024 * 1024 + 1))
        while (await link.receive(timeout=5)).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
            pass
        assert link.close_code == 1009
        await victim.send_bytes(rtc.SignalRequest(ping=1).SerializeToString())
        assert await read(victim, "pong")


async def test_after_leaving_the_server_closes_cleanly(http: aiohttp.ClientSession, server: Server) -> None:
    async with connected(http) as link:
        await read(link, "join")
        await link.send_bytes(rtc.SignalRequest(leave=rtc.LeaveRequest()).SerializeToString())
        while (message := await link.receive(timeout=5)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert link.close_code == 1000
    assert server.registry.participants("r") == ()


async def test_a_client_that_does_not_read_is_cut_off_and_the_others_go_on(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", _port(server), limit=1024)
    writer.write(_upgrade("deaf"))
    await reader.readuntil(b"\r\n\r\n")
    async with aiohttp.ClientSession(server.url) as http, connected(http, "lan") as link:
        await read(link, "join")
        host = server.registry.host("r")
        assert host is not None
        # Everything the room says goes to both: more than a socket and our bounds hold together.
        for number in range(4 * MAX_UNREAD_BYTES // 100_000):
            host.administer(UpdateRoomMetadata(f"{number:06}" + "x" * 100_000))
            await read(link, "room_update")
            if "deaf" not in {info.identity for info in host.participants()}:
                break
        assert {info.identity for info in host.participants()} == {"lan"}
        assert server.registry.counters["client_does_not_read"] == 1
    writer.close()


def test_a_client_that_goes_away_before_the_upgrade_leaves_nothing(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """Its request and its end are read in one go by the loop that we serve with, under load in fact."""

    async def story() -> list[str]:
        async with running(config) as server:
            left = asyncio.Event()
            server.registry.watch(
                lambda fact: left.set() if fact.kind is FactKind.PARTICIPANT_CONNECTION_ABORTED else None
            )
            with socket.create_connection(("127.0.0.1", _port(server))) as client:
                client.sendall(_upgrade("hasty"))
            await asyncio.wait_for(left.wait(), 10)
            async with aiohttp.ClientSession(server.url) as http, connected(http) as lan:
                return [other.identity for other in (await read(lan, "join")).other_participants]

    assert uvloop.run(story()) == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_everybody_is_told_before_the_server_stops(config: Config) -> None:
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {token()}"}
        async with running(config) as server:
            link = await http.ws_connect(f"{server.url}/rtc?{DUAL}", headers=headers)
            await read(link, "join")
        leave = await read(link, "leave")
        assert leave.reason == models.DisconnectReason.SERVER_SHUTDOWN
        assert (await link.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        await link.close()


async def test_a_port_that_is_taken_is_named(config: Config, server: Server) -> None:
    port = server.url.rpartition(":")[2]
    with pytest.raises(OSError, match=port):
        async with running(replace(config, http=replace(config.http, port=int(port)))):
            pass


def _port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def _upgrade(identity: str) -> bytes:
    """What a client says first, as bytes."""
    lines = [
        f"GET /rtc?{DUAL}&access_token={token(identity)} HTTP/1.1",
        "Host: here",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
