"""A hospital's system calls a method in somebody's client, and gets the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from livekit.protocol import models

from rooms.live.effects import DeliverData
from rooms.live.ids import ParticipantSid
from signalling.auth.tokens import TokenAuthority
from signalling.server_api.participant_calls import MAX_PAYLOAD_BYTES
from tests.signalling.server_api.hall import Hall
from tests.signalling.server_api.test_twirp import Caller

REQUEST: dict[str, object] = {"room": "ngoại", "destinationIdentity": "lan", "method": "hand", "payload": "up"}


@pytest.fixture
async def call(server: str, authority: TokenAuthority) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(http, server, authority)


async def asked(hall: Hall) -> models.DataPacket:
    """The request, once it has gone out to a participant."""
    async with asyncio.timeout(10):
        while True:
            for effect in hall.effects:
                if isinstance(effect, DeliverData):
                    packet = models.DataPacket.FromString(effect.payload)
                    packet.participant_identity = effect.sender_identity
                    return packet
            await asyncio.sleep(0)


def answer(request: models.DataPacket, **value: object) -> models.DataPacket:
    response = models.RpcResponse(request_id=request.rpc_request.id, **value)  # type: ignore[arg-type]  # its fields
    return models.DataPacket(rpc_response=response, destination_identities=[request.participant_identity])


async def test_the_answer_comes_back_to_whoever_called(call: Caller, hall: Hall) -> None:
    lan = hall.enter("ngoại", "lan")
    calling = asyncio.create_task(call("PerformRpc", REQUEST))
    request = await asked(hall)
    rpc = request.rpc_request
    assert (rpc.method, rpc.payload, rpc.version, rpc.response_timeout_ms) == ("hand", "up", 1, 15_000)
    hall.says("ngoại", lan, models.DataPacket(destination_identities=[request.participant_identity], user={}))
    hall.says("ngoại", lan, answer(request, payload="raised"))
    assert await calling == (200, {"payload": "raised"})


async def test_only_who_was_asked_can_answer(call: Caller, hall: Hall) -> None:
    lan = hall.enter("ngoại", "lan")
    eves: list[tuple[str, ParticipantSid]] = [("ngoại", hall.enter("ngoại", "eve")), ("nội", hall.enter("nội", "lan"))]
    calling = asyncio.create_task(call("PerformRpc", REQUEST))
    request = await asked(hall)
    for room, eve in eves:
        hall.says(room, eve, answer(request, payload="forged"))
    hall.says("ngoại", lan, answer(request, payload="true"))
    hall.says("ngoại", lan, answer(request, payload="too late"))
    assert await calling == (200, {"payload": "true"})


async def test_a_refusal_is_told_with_its_code(call: Caller, hall: Hall) -> None:
    lan = hall.enter("ngoại", "lan")
    calling = asyncio.create_task(call("PerformRpc", REQUEST))
    request = await asked(hall)
    hall.says("ngoại", lan, answer(request, error=models.RpcError(code=1400, message="no such method", data="d")))
    status, error = await calling
    assert (status, error["code"], error["msg"]) == (412, "failed_precondition", "no such method")
    assert error["meta"] == {"rpc_code": "1400", "rpc_data": "d"}


async def test_silence_and_impossible_calls_are_said(call: Caller, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    status, error = await call("PerformRpc", {**REQUEST, "responseTimeoutMs": 1})
    assert (status, error["code"]) == (408, "deadline_exceeded")
    status, error = await call("PerformRpc", {**REQUEST, "destinationIdentity": "nobody"})
    assert (status, error["code"]) == (404, "not_found")
    status, error = await call("PerformRpc", {**REQUEST, "payload": "x" * (MAX_PAYLOAD_BYTES + 1)})
    assert (status, error["code"]) == (400, "invalid_argument")
