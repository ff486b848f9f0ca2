"""`GET /api/live` and `GET /api/live/room`: what runs on this node, and what was decided about everybody in a room.

Only the bearer of a token may look: `roomList` opens the first, `roomAdmin` for a room the second. Both are for
operators; `hoichan top` is made of nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from aiohttp import hdrs, web

from media.stats import WorkerStatistics
from rooms.live.census import Census
from rooms.live.ids import NO_NAME, Identity, Seconds
from rooms.live.info import RoomInfo
from signalling.auth.bearer import bearer_token
from signalling.auth.grants import Grants
from signalling.auth.tokens import TokenAuthority, TokenError
from signalling.clinic_api.problem import Problem
from signalling.hosting.live_answers import Node, Room, RoomSummary, Worker

NODE_PATH = "/api/live"
ROOM_PATH = "/api/live/room"
_FRESH = {hdrs.CACHE_CONTROL: "no-store"}


class Rooms(Protocol):
    """What of the registry is looked at."""

    def censuses(self) -> Sequence[tuple[RoomInfo, Census]]: ...

    def view(self, room: str, first: Identity) -> Room | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEndpoint:
    """`clock` is monotonic: two answers and the time between them give rates. `thread_cpu` is the event loop's own."""

    authority: TokenAuthority
    rooms: Rooms
    version: str
    counters: Callable[[], Mapping[str, int]]
    workers: Callable[[], Sequence[WorkerStatistics]]
    clock: Callable[[], Seconds]
    thread_cpu: Callable[[], Seconds] = time.thread_time

    def routes(self) -> list[web.RouteDef]:
        return [web.get(NODE_PATH, self.node), web.get(ROOM_PATH, self.room)]

    async def node(self, request: web.Request) -> web.Response:
        try:
            self._admit(request, "roomList", lambda grants: grants.room_list)
        except Problem as problem:
            return problem.response()
        content = Node(
            version=self.version,
            clock_seconds=self.clock(),
            event_loop_cpu_seconds=self.thread_cpu(),
            workers=[_worker(worker) for worker in self.workers()],
            counters=dict(self.counters()),
            rooms=[_room(info, census) for info, census in self.rooms.censuses()],
        )
        return web.json_response(content, headers=_FRESH)

    async def room(self, request: web.Request) -> web.Response:
        """`name` in the query is the room; `identity`, whose subscriptions must not be left out."""
        name, first = request.query.get("name", ""), request.query.get("identity", NO_NAME)
        try:
            self._admit(request, "roomAdmin for this room", lambda grants: grants.may_administer(name))
        except Problem as problem:
            return problem.response()
        view = self.rooms.view(name, Identity(first))
        if view is None:
            return Problem(HTTPStatus.NOT_FOUND, "no-such-room", "There is no such room.").response()
        return web.json_response(view, headers=_FRESH)

    def _admit(self, request: web.Request, grant: str, holds: Callable[[Grants], bool]) -> None:
        try:
            grants = self.authority.verify(bearer_token(request.headers.get(hdrs.AUTHORIZATION, ""))).grants
        except TokenError as error:
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem(HTTPStatus.UNAUTHORIZED, "unauthorized", error.reason, headers) from None
        if not holds(grants):
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", f"The access token does not grant {grant}.")


def _worker(worker: WorkerStatistics) -> Worker:
    return Worker(
        worker=worker.worker,
        cpu_seconds=worker.cpu_seconds,
        busy_share=worker.busy_share,
        transports=worker.transports,
        producers=worker.producers,
        consumers=worker.consumers,
        commands_waiting=worker.commands_waiting,
        restarts=worker.restarts,
    )


def _room(info: RoomInfo, census: Census) -> RoomSummary:
    return RoomSummary(
        sid=info.sid,
        name=info.name,
        created_at=info.created_at,
        participants=census.participants,
        tracks=dict(census.tracks.items()),
        subscriptions=dict(census.subscriptions.items()),
        qualities=dict(census.qualities.items()),
    )
