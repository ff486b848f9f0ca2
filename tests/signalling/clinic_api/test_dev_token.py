"""How a newcomer gets into a room of a server that runs for a trial, and how nobody else does."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from signalling.auth.tokens import TokenAuthority
from signalling.clinic_api.dev_token import PATH, DevTokenEndpoint, Request, parse
from signalling.clinic_api.problem import Problem
from signalling.clinic_api.rate_limit import TokenBucket

KEY, SECRET = "devkey", "development-only-secret-32-chars!!"
BURST = 5

Ask = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """POSTs to a server whose clock stands still."""
    endpoint = DevTokenEndpoint(
        authority=TokenAuthority({KEY: SECRET}),
        api_key=KEY,
        bucket=TokenBucket(burst=BURST, per_second=1),
        clock=lambda: 0.0,
    )
    app = web.Application()
    app.add_routes(endpoint.routes())
    async with TestClient(TestServer(app)) as client:

        async def post(body: object = None, **how: Any) -> ClientResponse:
            return await (client.post(PATH, json=body, **how) if body is not None else client.post(PATH, **how))

        yield post


async def test_a_name_and_a_room_are_enough_to_join(ask: Ask) -> None:
    response = await ask({"room": "Phòng hội chẩn 1", "name": "  BS. Đặng Thị Hòa "})
    answer = await response.json()
    assert response.status == 200
    grants = TokenAuthority({KEY: SECRET}).verify_join(answer["token"]).grants
    assert (grants.room, grants.name) == ("Phòng hội chẩn 1", "BS. Đặng Thị Hòa")
    assert grants.identity == answer["identity"]
    assert grants.identity.startswith("bs-dang-thi-hoa-")
    assert not grants.room_admin
    assert response.headers["Cache-Control"] == "no-store"


async def test_two_people_of_one_name_have_two_seats(ask: Ask) -> None:
    first, second = [await (await ask({"room": "r", "name": "An"})).json() for _ in range(2)]
    assert first["identity"] != second["identity"]


async def test_a_name_without_latin_letters_still_has_an_identity(ask: Ask) -> None:
    answer = await (await ask({"room": "r", "name": "会诊"})).json()
    assert answer["identity"].startswith("guest-")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"room": "", "name": "An"}, "room must have 1 to 100 characters"),
        ({"room": "r", "name": " \t "}, "name must have 1 to 100 characters"),
        ({"room": "r" * 101, "name": "An"}, "room must have"),
        ({"room": 7, "name": "An"}, "room must be a text"),
        ({"room": "r", "name": "A\x00n"}, "name must not contain control characters"),
        ({"room": "r"}, "Expected"),
        ({"room": "r", "name": "An", "roomAdmin": True}, "nothing else"),
        (["r", "An"], "Expected"),
    ],
)
async def test_a_wrong_request_is_told_which_field_is_wrong(ask: Ask, body: object, field: str) -> None:
    response = await ask(body)
    assert response.status == 400
    assert response.content_type == "application/problem+json"
    assert field in json.loads(await response.text())["title"]


async def test_what_is_no_json_is_refused(ask: Ask) -> None:
    json_type = {"Content-Type": "application/json"}
    assert (await ask(data=b"{", headers=json_type)).status == 400
    assert (await ask(data=b"[" * 4000, headers=json_type)).status == 400
    assert (await ask(data=b'{"room":"r","name":"An"}', headers={"Content-Type": "text/plain"})).status == 415
    assert (await ask(data=b" " * 5000, headers=json_type)).status == 413


async def test_a_page_from_elsewhere_cannot_use_it_by_a_name_that_leads_here(ask: Ask) -> None:
    body = {"room": "r", "name": "An"}
    assert (await ask(body, headers={"Host": "rebound.example:7880"})).status == 403
    assert (await ask(body, headers={"Host": "localhost:7880"})).status == 200
    assert (await ask(body, headers={"Host": "[::1]:7880"})).status == 200


async def test_a_script_that_asks_without_end_is_told_to_wait(ask: Ask) -> None:
    responses = [await ask({"room": "r", "name": "An"}) for _ in range(BURST + 1)]
    assert [response.status for response in responses] == [200] * BURST + [429]
    assert responses[-1].headers["Retry-After"] == "1"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["room", "name", "x"]), inner),
)


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_usable_request_or_a_problem(body: bytes) -> None:
    request = Request(room="r", name="n")
    with contextlib.suppress(Problem):
        request = parse(body)
    assert request.room.strip() == request.room != ""
    assert request.name.strip() == request.name != ""
