"""A mistake of ours towards one client, or a peer's text that is none, costs that one connection and no other."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request
from livekit.protocol import rtc

from rooms.live.permission import Permission
from signalling.auth.grants import Grants
from signalling.auth.tokens import TokenAuthority, TokenError
from signalling.client.arrival import ArrivalError, read_dual
from signalling.client.message import Message
from signalling.client.websocket import ClientConnection
from tests.signalling.client.clinic import KEY, SECRET


async def test_a_message_that_would_crash_a_client_ends_its_connection_only(caplog: pytest.LogCaptureFixture) -> None:
    counters: Counter[str] = Counter()
    socket = Mock(spec=asyncio.Transport)
    connection = ClientConnection(
        make_mocked_request("GET", "/rtc/v1", transport=socket), single=True, counters=counters, messages=Counter()
    )
    connection.send(Message(rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", sdp="v=0", id=1))))
    connection.send(Message(rtc.SignalResponse(pong=1)))
    assert socket.abort.called
    assert counters == {"invalid_response": 1}
    assert "offer in single mode" in caplog.text


def test_attributes_that_no_wire_can_carry_are_refused_at_the_door() -> None:
    grants = Grants(permission=Permission(can_update_own_metadata=True))
    for attributes in ({"a": "\ud800"}, {"\ud800": "a"}):
        query = {"attributes": base64.urlsafe_b64encode(json.dumps(attributes).encode()).decode()}
        with pytest.raises(ArrivalError) as refused:
            read_dual(query, "", grants)
        assert refused.value.status == 400


@pytest.mark.parametrize("claims", [{"name": "\ud800"}, {"metadata": "\udfff"}, {"attributes": {"a": "\ud800"}}])
def test_claims_that_no_wire_can_carry_open_nothing(claims: dict[str, object]) -> None:
    authority = TokenAuthority({KEY: SECRET})
    video = {"roomJoin": True, "room": "ward-3"}
    token = authority.mint(KEY, {"sub": "mai", "video": video, **claims})
    with pytest.raises(TokenError) as refused:
        authority.verify_join(token)
    assert refused.value.status == 401


def test_a_rooms_name_has_an_end() -> None:
    authority = TokenAuthority({KEY: SECRET})
    token = authority.mint(KEY, {"sub": "mai", "video": {"roomJoin": True, "room": "x" * 257}})
    with pytest.raises(TokenError) as refused:
        authority.verify_join(token)
    assert refused.value.status == 400
