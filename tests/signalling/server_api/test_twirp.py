"""What any other client of the server API gets: JSON, errors, limits, and nothing without the right token."""

from __future__ import annotations

import asyncio
import base64
import gzip
import inspect
import io
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import timedelta
from typing import NoReturn

import aiohttp
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models

from rooms.live.effects import DeliverData
from signalling.auth.grants import Grants
from signalling.auth.tokens import TokenAuthority
from signalling.server_api.room_service import SERVICE, room_service
from signalling.server_api.twirp import JSON, MAX_BODY_BYTES, PROTOBUF, Twirp, TwirpError
from tests.served import served
from tests.signalling.server_api.conftest import KEY
from tests.signalling.server_api.hall import Hall

EVERYTHING = {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": "ngoại"}


class Caller:
    """Posts to RoomService as the holder of a token."""

    def __init__(self, http: aiohttp.ClientSession, server: str, authority: TokenAuthority) -> None:
        self._http = http
        self._url = f"{server}/twirp/{SERVICE}"
        self._authority = authority

    async def __call__(
        self, method: str, body: object, grants: dict[str, object] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, object]]:
        token = self._authority.mint(KEY, {"video": EVERYTHING if grants is None else grants}, timedelta(minutes=1))
        sent = {"Authorization": f"Bearer {token}", "Content-Type": JSON, **(headers or {})}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._http.post(f"{self._url}/{method}", data=io.BytesIO(data), headers=sent) as response:
            assert response.content_type == JSON
            return response.status, await response.json()


@pytest.fixture
async def call(server: str, authority: TokenAuthority) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(http, server, authority)


async def test_json_goes_in_and_comes_out_in_lower_camel_case(call: Caller) -> None:
    status, created = await call("CreateRoom", {"name": "ngoại", "emptyTimeout": 60, "max_participants": 4, "new": [1]})
    assert (status, created["name"], created["emptyTimeout"], created["maxParticipants"]) == (200, "ngoại", 60, 4)
    assert await call("ListParticipants", {"room": "ngoại"}) == (200, {"participants": []})


async def test_a_message_sent_twice_under_one_nonce_arrives_once(call: Caller, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    message = {"room": "ngoại", "data": base64.b64encode(b"x").decode(), "nonce": base64.b64encode(b"n" * 16).decode()}
    assert await call("SendData", message) == (200, {})
    assert await call("SendData", message) == (200, {})
    (delivery,) = (effect for effect in hall.effects if isinstance(effect, DeliverData))
    assert models.DataPacket.FromString(delivery.payload).user.payload == b"x"


@pytest.mark.parametrize(
    ("method", "grant"),
    [
        ("CreateRoom", {"roomList": True, "roomAdmin": True, "room": "ngoại"}),
        ("DeleteRoom", {"roomList": True, "roomAdmin": True, "room": "ngoại"}),
        ("ListRooms", {"roomCreate": True, "roomAdmin": True, "room": "ngoại"}),
        ("ListParticipants", {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": "tim mạch"}),
        ("GetParticipant", {"roomAdmin": True}),
        ("RemoveParticipant", {"roomJoin": True, "room": "ngoại"}),
        ("MutePublishedTrack", {"roomJoin": True, "room": "ngoại"}),
        ("UpdateParticipant", {"roomJoin": True, "room": "ngoại"}),
        ("UpdateSubscriptions", {"roomJoin": True, "room": "ngoại"}),
        ("SendData", {"roomJoin": True, "room": "ngoại"}),
        ("UpdateRoomMetadata", {"roomJoin": True, "room": "ngoại"}),
        ("PerformRpc", {"roomJoin": True, "room": "ngoại"}),
    ],
)
async def test_a_token_for_something_else_opens_nothing(
    call: Caller, hall: Hall, method: str, grant: dict[str, object]
) -> None:
    hall.enter("ngoại", "lan")
    before = len(hall.effects)
    status, error = await call(method, {"room": "ngoại", "name": "ngoại", "identity": "lan"}, grant)
    assert (status, error["code"]) == (403, "permission_denied")
    assert len(hall.effects) == before


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer not.a.token"])
async def test_without_a_good_token_nobody_is_known(call: Caller, header: str) -> None:
    status, error = await call("ListRooms", {}, headers={"Authorization": header})
    assert (status, error["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "body", "headers", "expected"),
    [
        ("ListRooms", b"{", {}, (400, "malformed")),
        ("ListRooms", b"\xff\xfe", {}, (400, "malformed")),
        ("ListRooms", b"[" * 100_000, {}, (400, "malformed")),
        ("CreateRoom", {"name": 7}, {}, (400, "malformed")),
        ("ListRooms", b"\x0a\xff", {"Content-Type": PROTOBUF}, (400, "malformed")),
        ("ListRooms", {}, {"Content-Type": "text/plain"}, (404, "bad_route")),
        ("OpenTheDoor", {}, {}, (404, "bad_route")),
        ("ListRooms/", {}, {}, (404, "bad_route")),
        ("MoveParticipant", {}, {}, (501, "unimplemented")),
    ],
)
async def test_calls_that_make_no_sense(
    call: Caller, method: str, body: object, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    status, error = await call(method, body, headers=headers)
    assert (status, error["code"]) == expected
    assert isinstance(error["msg"], str)
    assert error["msg"]


async def test_only_post_is_a_call(server: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server}/twirp/{SERVICE}/ListRooms") as response:
        assert (response.status, (await response.json())["code"]) == (404, "bad_route")


async def test_a_body_has_an_end_even_when_it_was_compressed(call: Caller) -> None:
    bomb = gzip.compress(bytes(MAX_BODY_BYTES + 1))
    assert len(bomb) < 50_000
    for body, headers in ((bytes(MAX_BODY_BYTES + 1), {}), (bomb, {"Content-Encoding": "gzip"})):
        status, error = await call("ListRooms", body, headers=headers)
        assert (status, error["code"]) == (400, "malformed")
        assert str(MAX_BODY_BYTES) in str(error["msg"])


async def test_a_mistake_of_ours_costs_one_answer(authority: TokenAuthority, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Hall):
        def list(self, names: Sequence[str] = ()) -> NoReturn:
            raise ZeroDivisionError(names)

    routes = Twirp(authority, {SERVICE: room_service(Broken())}).routes()
    async with served(routes) as url, aiohttp.ClientSession() as http:
        call = Caller(http, url, authority)
        status, error = await call("ListRooms", {})
        assert (status, error["code"]) == (500, "internal")
        assert "ZeroDivisionError" not in str(error)
        assert (await call("CreateRoom", {"name": "x"}))[0] == 200
    assert "ZeroDivisionError" in caplog.text


METHODS = sorted(room_service(Hall()))
JSON_TEXTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["room", "identity", "name", "permission", "attributes", "kind", "canPublishSources"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
).map(json.dumps)


async def _awaited(answer: Awaitable[Message]) -> Message:
    return await answer


@given(
    st.sampled_from(METHODS),
    JSON_TEXTS.map(lambda text: (text.encode(), JSON))
    | st.tuples(st.binary(max_size=200), st.sampled_from([JSON, PROTOBUF])),
)
def test_any_body_is_a_request_or_a_twirp_error(method: str, body: tuple[bytes, str]) -> None:
    hall = Hall()
    hall.enter("ngoại", "lan")
    grants = Grants(room_create=True, room_list=True, room_admin=True, room="ngoại")
    try:
        answer = room_service(hall)[method].call(grants, *body)
        if inspect.isawaitable(answer):
            answer = asyncio.run(_awaited(answer))
    except TwirpError as error:
        assert error.message  # noqa: PT017
    else:
        assert isinstance(answer, Message)
