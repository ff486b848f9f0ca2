"""`/rtc` and `/rtc/v1`: who connects, to which room, and why not."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from rooms.live.effects import Refusal
from rooms.live.events import Join, Resume
from rooms.live.ids import ConnectionId, ParticipantSid
from rooms.live.info import DisconnectReason
from signalling.auth.bearer import bearer_token
from signalling.auth.tokens import AccessToken, TokenAuthority, TokenError
from signalling.client import responses
from signalling.client.arrival import Arrival, ArrivalError, read_dual, read_single
from signalling.client.websocket import ClientConnection
from signalling.hosting.registry import RoomRegistry
from signalling.hosting.room_host import RoomHost
from signalling.hosting.rooms import TooManyRoomsError

_BASE: Final = "/{base:(?:.*/)?}"
"""Clients append to the URL that they were given, whatever its path and however many slashes it ends with."""

_REFUSALS: Final = {
    Refusal.ROOM_FULL: (HTTPStatus.FORBIDDEN, "The room is full."),
    Refusal.TOO_LARGE: (HTTPStatus.BAD_REQUEST, "The identity, name, metadata or attributes are too long."),
    Refusal.ROOM_CLOSED: (HTTPStatus.SERVICE_UNAVAILABLE, "The room is closing."),
    Refusal.UNKNOWN_PARTICIPANT: (HTTPStatus.GONE, "There is no such seat any more."),
}


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Somebody with a good token, and what it said."""

    token: AccessToken
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class SignalEndpoint:
    """The HTTP face of the client protocol. Errors are plain text, which clients show."""

    registry: RoomRegistry
    authority: TokenAuthority
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{_BASE}rtc", self._connect, allow_head=False),
            web.get(f"{_BASE}rtc/v1", self._connect, allow_head=False),
            web.get(f"{_BASE}rtc/validate", self._validate),
            web.get(f"{_BASE}rtc/v1/validate", self._validate),
        ]

    async def _validate(self, request: web.Request) -> web.Response:
        """Why a connection would be refused: browsers cannot tell their page what a failed upgrade said."""
        try:
            visitor = self._visitor(request)
            self._check(visitor)
        except (ArrivalError, TokenError) as error:
            return web.Response(status=error.status, text=error.reason)
        return web.Response(text="success")

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
            return web.Response(status=HTTPStatus.NOT_FOUND, text="This is a WebSocket address.")
        try:
            visitor = self._visitor(request)
            connection = ClientConnection(
                request,
                single=visitor.arrival.profile.mode == "single",
                counters=self.registry.counters,
                messages=self.registry.messages,
            )
            seat = self._enter(visitor, connection)
        except (ArrivalError, TokenError) as error:
            return web.Response(status=error.status, text=error.reason)
        await _serve(request, connection, seat, visitor.arrival)
        # Who has gone before the upgrade is answered all the same: aiohttp cannot end a socket that never began.
        return connection.socket if connection.socket.prepared else web.Response(status=HTTPStatus.BAD_REQUEST)

    def _visitor(self, request: web.Request) -> _Visitor:
        """Raises `TokenError` or `ArrivalError`."""
        token = self.authority.verify_join(_token(request))
        agent = request.headers.get(hdrs.USER_AGENT, "")
        join_request = request.query.get("join_request", "")
        if join_request:
            return _Visitor(token, read_single(join_request, agent, token.grants))
        if _asks_for_v1(request):
            raise ArrivalError(HTTPStatus.BAD_REQUEST, "The parameter join_request is missing.")
        return _Visitor(token, read_dual(request.query, agent, token.grants))

    def _check(self, visitor: _Visitor) -> None:
        """Raises `ArrivalError` if there is no seat, as far as one can know without taking it."""
        host = self.registry.host(visitor.token.grants.room)
        if host is None:
            return
        refusal = host.room.refusal(self._join(visitor))
        if refusal is not None:
            raise _refused(refusal)

    def _enter(self, visitor: _Visitor, connection: ClientConnection) -> _Seat | None:
        """Take a seat, or the kept one again; None for one that is gone, which the client has been told."""
        grants, arrival = visitor.token.grants, visitor.arrival
        if arrival.returning is not None:
            return self._return(visitor, connection, arrival.returning)
        try:
            host = self.registry.open(grants.room, grants.room_options)
        except TooManyRoomsError as error:
            raise ArrivalError(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.") from None
        outcome = host.enter(connection, visitor.token, arrival.profile, self._join(visitor))
        if isinstance(outcome, Refusal):
            raise _refused(outcome)
        return _Seat(host, outcome)

    def _return(self, visitor: _Visitor, connection: ClientConnection, sid: ParticipantSid) -> _Seat | None:
        host = self.registry.host(visitor.token.grants.room)
        event = Resume(connection=self._number(), participant=sid, identity=visitor.token.grants.identity)
        outcome = (
            Refusal.UNKNOWN_PARTICIPANT
            if host is None
            else host.enter(connection, visitor.token, visitor.arrival.profile, event)
        )
        if host is None or isinstance(outcome, Refusal):
            connection.send(responses.leave(DisconnectReason.STATE_MISMATCH))
            connection.hang_up(abruptly=False)
            return None
        return _Seat(host, outcome)

    def _join(self, visitor: _Visitor) -> Join:
        grants, arrival = visitor.token.grants, visitor.arrival
        return Join(
            connection=self._number(),
            identity=grants.identity,
            name=grants.name,
            metadata=arrival.metadata or grants.metadata,
            attributes={**grants.attributes, **arrival.attributes},
            kind=grants.kind,
            permission=grants.permission,
            client=arrival.traits,
            auto_subscribe=arrival.auto_subscribe,
            adaptive_stream=arrival.adaptive_stream,
        )

    def _number(self) -> ConnectionId:
        return ConnectionId(next(self.numbers))


@dataclass(frozen=True, slots=True)
class _Seat:
    host: RoomHost
    participant: ParticipantSid


async def _serve(request: web.Request, connection: ClientConnection, seat: _Seat | None, arrival: Arrival) -> None:
    """Read and write until the connection ends, on either side."""
    try:
        await connection.socket.prepare(request)
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(connection.write())
            if seat is not None:
                await _read(connection, seat, arrival)
                connection.hang_up(abruptly=False)
            await writer
    except* (ConnectionError, RuntimeError):
        pass  # The client has gone while we were writing: what follows is the same.
    finally:
        if seat is not None:
            seat.host.connection_lost(seat.participant, connection)


async def _read(connection: ClientConnection, seat: _Seat, arrival: Arrival) -> None:
    for carried in arrival.requests:
        seat.host.request(seat.participant, connection, carried)
    while (request := await connection.read()) is not None:
        seat.host.request(seat.participant, connection, request)


def _asks_for_v1(request: web.Request) -> bool:
    return request.path.endswith(("/rtc/v1", "/rtc/v1/validate"))


def _token(request: web.Request) -> str:
    """The header wins over the query."""
    return bearer_token(request.headers.get(hdrs.AUTHORIZATION, "")) or request.query.get("access_token", "")


def _refused(refusal: Refusal) -> ArrivalError:
    return ArrivalError(*_REFUSALS[refusal])
