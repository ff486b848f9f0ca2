"""A small client of our own RoomService: Twirp over HTTP with protobuf bodies, the token minted per call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from google.protobuf.message import Message
from livekit.protocol import room as proto

from signalling.cli.failure import ExitCode, Failure

TIMEOUT = aiohttp.ClientTimeout(total=10)
Answer = TypeVar("Answer", bound=Message)
Mint = Callable[[Mapping[str, object]], str]
"""Makes an access token with exactly these video grants."""


class RoomService:
    """`url` is the server's, http or https; `mint` makes the token of one call. Every method raises Failure."""

    def __init__(self, url: str, mint: Mint) -> None:
        self._url = url.rstrip("/")
        self._mint = mint

    async def list_rooms(self, *names: str) -> proto.ListRoomsResponse:
        request = proto.ListRoomsRequest(names=names)
        return await self._call("ListRooms", request, proto.ListRoomsResponse, {"roomList": True})

    async def list_participants(self, room: str) -> proto.ListParticipantsResponse:
        request = proto.ListParticipantsRequest(room=room)
        grant = {"roomAdmin": True, "room": room}
        return await self._call("ListParticipants", request, proto.ListParticipantsResponse, grant)

    async def delete_room(self, room: str) -> None:
        request = proto.DeleteRoomRequest(room=room)
        await self._call("DeleteRoom", request, proto.DeleteRoomResponse, {"roomCreate": True})

    async def _call(self, method: str, request: Message, answer: type[Answer], grant: Mapping[str, object]) -> Answer:
        url = f"{self._url}/twirp/livekit.RoomService/{method}"
        headers = {"Authorization": f"Bearer {self._mint(grant)}", "Content-Type": "application/protobuf"}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.post(url, data=request.SerializeToString(), headers=headers) as response,
            ):
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Failure(
                ExitCode.UNREACHABLE, f"No Hoichan server answers at {self._url}: {_reason(error)}"
            ) from error
        if status != HTTPStatus.OK:
            raise _refusal(self._url, status, body)
        return answer.FromString(body)


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.strerror or error}"
    return "it took too long" if isinstance(error, TimeoutError) else str(error)


def _refusal(url: str, status: int, body: bytes) -> Failure:
    """A Twirp error is JSON with a `code` and a `msg`; whatever else answers is not our server."""
    try:
        error = json.loads(body)
        code, message = str(error["code"]), str(error["msg"])
    except (ValueError, KeyError, TypeError):
        return Failure(ExitCode.UNREACHABLE, f"{url} answers with status {status}, but not as a Hoichan server does.")
    if code == "not_found":
        return Failure(ExitCode.NOT_FOUND, f"The server knows no such room: {message}")
    return Failure(ExitCode.REFUSED, f"The server refused ({code}): {message}")
