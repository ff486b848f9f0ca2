"""A receiver made with LiveKit's own library is told what happens in the rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from livekit import api
from livekit.protocol import models
from livekit.protocol import webhook as proto

from rooms.live.admin_actions import DeleteRoom
from rooms.live.permission import TrackSource
from signalling.auth.tokens import TokenAuthority
from signalling.hosting.rooms import RoomOptions
from signalling.server_api.webhooks.sender import WebhookSender
from tests.served import served
from tests.signalling.client.clinic import Clinic
from tests.signalling.server_api.conftest import KEY, SECRET
from tests.signalling.server_api.hall import Hall


class Receiver:
    """Takes webhooks; answers with `statuses` first, then with 200."""

    def __init__(self, statuses: list[int]) -> None:
        self.verified: asyncio.Queue[proto.WebhookEvent] = asyncio.Queue()
        self.requests: list[web.Request] = []
        self._statuses = statuses
        self._library = api.WebhookReceiver(api.TokenVerifier(KEY, SECRET))

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        body = await request.text()
        if self._statuses:
            return web.Response(status=self._statuses.pop(0), headers={"Location": "http://127.0.0.1:1/"})
        assert request.headers["Content-Type"] == "application/webhook+json"
        await self.verified.put(self._library.receive(body, request.headers["Authorization"]))
        return web.Response()

    async def names(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            return [(await self.verified.get()).event for _ in range(count)]


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver(list(statuses))
    async with served([web.post("/hook", receiver.take)]) as url:
        yield receiver, f"{url}/hook"


async def test_a_consultation_from_beginning_to_end(hall: Hall, authority: TokenAuthority) -> None:
    async with receiving() as (receiver, url), asyncio.TaskGroup() as tasks:
        sender = WebhookSender([url], authority, KEY)
        hall.watch(sender.notify)
        running = tasks.create_task(sender.run())
        lan = hall.enter("ngoại", "lan")
        microphone = hall.publish("ngoại", lan, "audio", TrackSource.MICROPHONE)
        hall.leave("ngoại", lan)
        async with asyncio.timeout(10):
            events = [await receiver.verified.get() for _ in range(5)]
        sender.stop()
        await running
    assert [event.event for event in events] == [
        "room_started",
        "participant_joined",
        "track_published",
        "track_unpublished",
        "participant_left",
    ]
    assert len({event.id for event in events}) == 5
    assert {event.room.name for event in events} == {"ngoại"}
    assert (events[2].participant.identity, events[2].track.sid) == ("lan", microphone)
    assert events[4].participant.sid == lan


async def test_a_receiver_that_stumbles_is_told_again_and_in_order(hall: Hall, authority: TokenAuthority) -> None:
    async with receiving(500, 503) as (receiver, url), asyncio.TaskGroup() as tasks:
        sender = WebhookSender([url], authority, KEY)
        hall.watch(sender.notify)
        running = tasks.create_task(sender.run())
        hall.enter("ngoại", "lan")
        assert await receiver.names(2) == ["room_started", "participant_joined"]
        sender.stop()
        await running
    assert len(receiver.requests) == 4


async def test_one_receiver_that_is_down_does_not_hold_up_the_other(hall: Hall, authority: TokenAuthority) -> None:
    async with receiving() as (receiver, url):
        sender = WebhookSender(["http://127.0.0.1:1/nobody", url], authority, KEY)
        hall.watch(sender.notify)
        running = asyncio.create_task(sender.run())
        hall.enter("ngoại", "lan")
        assert await receiver.names(2) == ["room_started", "participant_joined"]
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_redirect_leads_nowhere(
    hall: Hall, authority: TokenAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the configuration points is where it is posted: a receiver cannot send us to somebody else."""
    async with receiving(307) as (receiver, url), asyncio.TaskGroup() as tasks:
        sender = WebhookSender([url], authority, KEY)
        hall.watch(sender.notify)
        running = tasks.create_task(sender.run())
        hall.enter("ngoại", "lan")
        async with asyncio.timeout(10):
            event = await receiver.verified.get()
        sender.stop()
        await running
    assert (event.event, event.num_dropped) == ("participant_joined", 1)
    assert "the receiver answered 307" in caplog.text


async def test_a_receiver_may_ask_for_some_events_only(hall: Hall, authority: TokenAuthority) -> None:
    async with receiving() as (receiver, url), asyncio.TaskGroup() as tasks:
        sender = WebhookSender([url], authority, KEY, events=["participant_left", "participant_joined"])
        hall.watch(sender.notify)
        running = tasks.create_task(sender.run())
        hall.leave("ngoại", hall.enter("ngoại", "lan"))
        assert await receiver.names(2) == ["participant_joined", "participant_left"]
        sender.stop()
        await running
    assert len(receiver.requests) == 2


async def test_the_end_of_a_room_comes_with_its_reason(authority: TokenAuthority) -> None:
    clinic = Clinic()
    async with receiving() as (receiver, url), asyncio.TaskGroup() as tasks:
        sender = WebhookSender([url], authority, KEY, events=["room_finished"])
        clinic.registry.watch(sender.notify)
        running = tasks.create_task(sender.run())
        for name in ("deleted", "forgotten", "interrupted"):
            clinic.registry.create(name, RoomOptions(empty_timeout_seconds=1e4 if name == "interrupted" else None))
        clinic.registry.administer("deleted", DeleteRoom())
        clinic.wait(301)
        clinic.registry.shut_down()
        async with asyncio.timeout(10):
            events = [await receiver.verified.get() for _ in range(3)]
        sender.stop()
        await running
    assert {event.room.name: models.RoomEndReason.Name(event.room_end_reason) for event in events} == {
        "deleted": "ROOM_END_API_DELETE",
        "forgotten": "ROOM_END_IDLE_TIMEOUT",
        "interrupted": "ROOM_END_SERVER_SHUTDOWN",
    }
