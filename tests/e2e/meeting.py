"""What a story needs: a running server, one room in it, and people who join with a given SDK version."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from livekit import api

from tests.e2e.cuttable import CuttableRelay
from tests.e2e.peer import Peer
from tests.e2e.sdk.client import SdkPeer
from tests.running import KEYS, running_server

DEVELOPMENT = ("devkey", "development-only-secret-32-chars!!")
HOSPITAL = ("hospital", "a-secret-that-only-these-stories-know")
SDK_VERSIONS = Path(__file__).with_name("sdk").joinpath("versions.txt").read_text().split()
CURRENT = SDK_VERSIONS[-1]


def token(room: str, identity: str, keys: tuple[str, str] = DEVELOPMENT, **grants: Any) -> str:
    """An access token minted by LiveKit's own library, good for joining `room`."""
    video = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True, **grants)
    whole = api.AccessToken(*keys).with_identity(identity).with_name(identity).with_grants(video)
    return str(whole.to_jwt())


@dataclass
class RoomApi:
    """RoomService over HTTP, through LiveKit's own client, for one room."""

    client: api.LiveKitAPI
    room: str
    url: str
    keys: tuple[str, str]

    async def participants(self) -> list[api.ParticipantInfo]:
        answer = await self.client.room.list_participants(api.ListParticipantsRequest(room=self.room))
        return list(answer.participants)

    async def rooms(self) -> list[str]:
        answer = await self.client.room.list_rooms(api.ListRoomsRequest())
        return [room.name for room in answer.rooms]

    async def mute(self, identity: str, sid: str, *, muted: bool) -> None:
        request = api.MuteRoomTrackRequest(room=self.room, identity=identity, track_sid=sid, muted=muted)
        await self.client.room.mute_published_track(request)

    async def remove(self, identity: str) -> None:
        await self.client.room.remove_participant(api.RoomParticipantIdentity(room=self.room, identity=identity))

    async def update(self, identity: str, **changes: Any) -> None:
        request = api.UpdateParticipantRequest(room=self.room, identity=identity, **changes)
        await self.client.room.update_participant(request)

    async def describe_room(self, metadata: str) -> None:
        await self.client.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=self.room, metadata=metadata))

    async def send(self, payload: bytes, topic: str, to: list[str]) -> None:
        kind = api.DataPacket.Kind.RELIABLE
        request = api.SendDataRequest(room=self.room, data=payload, kind=kind, topic=topic, destination_identities=to)
        await self.client.room.send_data(request)

    async def call(self, identity: str, method: str, payload: str) -> str:
        """RoomService's PerformRpc, for which the library has no method of its own."""
        grants = api.VideoGrants(room_admin=True, room=self.room)
        claims = api.AccessToken(*self.keys).with_grants(grants).to_jwt()
        request = {"room": self.room, "destinationIdentity": identity, "method": method, "payload": payload}
        url = f"{self.url}/twirp/livekit.RoomService/PerformRpc"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {claims}"}) as http:
            answer = await (await http.post(url, json=request)).json()
        assert "payload" in answer, answer
        return str(answer["payload"])

    async def close_room(self) -> None:
        await self.client.room.delete_room(api.DeleteRoomRequest(room=self.room))


@dataclass
class Meeting:
    """One room of one story. `relay` stands before the server's HTTP port and can be cut."""

    host: str
    port: int
    relay: CuttableRelay
    sdks: Path
    log: Path
    api: RoomApi
    room: str
    keys: tuple[str, str] = DEVELOPMENT
    people: list[Peer] = field(default_factory=list)

    async def join(
        self,
        identity: str,
        version: str,
        options: dict[str, Any],
        *,
        through_relay: bool = False,
        prefix: tuple[str, ...] = (),
        **grants: Any,
    ) -> SdkPeer:
        peer = await SdkPeer.start(identity, self.sdks / version, self.log, prefix)
        self.people.append(peer)
        url = f"ws://127.0.0.1:{self.relay.port}" if through_relay else f"ws://{self.host}:{self.port}"
        await peer.do("join", url=url, token=token(self.room, identity, self.keys, **grants), options=options)
        return peer


@asynccontextmanager
async def meet(
    port: int, sdks: Path, artifacts: Path, *, host: str = "127.0.0.1", keys: tuple[str, str] = DEVELOPMENT
) -> AsyncIterator[Meeting]:
    """A meeting in a room of its own on the server at `host`; everybody's process ends with it."""
    room = new_room()
    async with CuttableRelay(host, port) as relay, api.LiveKitAPI(f"http://{host}:{port}", *keys) as client:
        room_api = RoomApi(client, room, f"http://{host}:{port}", keys)
        meeting = Meeting(host, port, relay, sdks, artifacts / "sdk-peers.log", room_api, room, keys)
        try:
            yield meeting
        finally:
            await asyncio.gather(*(peer.stop() for peer in meeting.people))


@asynccontextmanager
async def meet_at(host: str, folder: Path, sdks: Path, artifacts: Path, **settings: str) -> AsyncIterator[Meeting]:
    """A meeting on a server of its own at `host`, an address that someone behind a network of their own can reach."""
    reachable = {"HOICHAN_HTTP_HOST": host, "HOICHAN_MEDIA_HOST": host, KEYS: ": ".join(HOSPITAL)}
    with running_server(folder, os.environ | reachable | settings) as server:
        async with meet(server.port, sdks, artifacts, host=host, keys=HOSPITAL) as meeting:
            yield meeting


def new_room() -> str:
    return f"story-{uuid.uuid4().hex[:8]}"
