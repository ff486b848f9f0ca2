"""What a hospital's own system is told of a call, from the opening of the room to its end."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from aiohttp import web
from livekit import api
from livekit.protocol.models import DisconnectReason, TrackSource
from livekit.protocol.webhook import WebhookEvent

from tests.e2e.meeting import CURRENT, HOSPITAL, meet
from tests.running import KEYS, Server

pytestmark = pytest.mark.e2e


class Receiver:
    """Takes webhooks on a port of its own, and lets LiveKit's library judge each."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[WebhookEvent] = asyncio.Queue()
        self._library = api.WebhookReceiver(api.TokenVerifier(*HOSPITAL))

    async def start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_post("/hook", self._take)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def next(self) -> WebhookEvent:
        async with asyncio.timeout(20):
            return await self._events.get()

    async def _take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/webhook+json"
        await self._events.put(self._library.receive(await request.text(), request.headers["Authorization"]))
        return web.Response()


async def test_a_call_is_told_from_beginning_to_end(sdks: Path, artifacts: Path, tmp_path: Path) -> None:
    receiver = Receiver()
    runner = await receiver.start()
    environment = {
        **os.environ,
        KEYS: ": ".join(HOSPITAL),
        "HOICHAN_HTTP_HOST": "127.0.0.1",
        "HOICHAN_MEDIA_HOST": "127.0.0.1",
        "HOICHAN_ROOMS_DEPARTURE_TIMEOUT_SECONDS": "1",
        "HOICHAN_WEBHOOK_URLS": f"http://127.0.0.1:{runner.addresses[0][1]}/hook",
        "HOICHAN_WEBHOOK_API_KEY": HOSPITAL[0],
    }
    began = int(time.time())
    server = await asyncio.to_thread(Server.start, tmp_path, environment)
    async with meet(server.port, sdks, artifacts, keys=HOSPITAL) as meeting:
        lan = await meeting.join("lan", CURRENT, {})
        sid = await lan.do("publish_audio", hertz=440)
        started, joined, published = [await receiver.next() for _ in range(3)]
        await lan.do("unpublish", kind="audio")
        unpublished = await receiver.next()
        await lan.do("leave")
        left, finished = [await receiver.next() for _ in range(2)]

    story = [started, joined, published, unpublished, left, finished]
    assert [event.event for event in story] == [
        "room_started",
        "participant_joined",
        "track_published",
        "track_unpublished",
        "participant_left",
        "room_finished",
    ]
    assert {(event.room.name, event.room.sid) for event in story} == {(meeting.room, started.room.sid)}
    assert len({event.id for event in story}) == len(story)
    assert all(began <= event.created_at <= time.time() for event in story)
    assert {(event.participant.identity, event.participant.sid) for event in story[1:5]} == {
        ("lan", joined.participant.sid)
    }
    assert [(event.track.sid, event.track.source) for event in (published, unpublished)] == [
        (sid, TrackSource.MICROPHONE)
    ] * 2
    assert left.participant.disconnect_reason == DisconnectReason.CLIENT_INITIATED
    assert not finished.HasField("participant")

    await asyncio.to_thread(server.stop)
    await runner.cleanup()
