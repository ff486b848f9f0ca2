"""`python -m benchmarks.naive.server PORT`: POST an offer to /publish or /subscribe, and get an answer."""

from __future__ import annotations

import sys

from aiohttp import web
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from benchmarks.naive.loopback import stay_on_loopback


class Room:
    """One camera, and who watches it."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._connections: list[RTCPeerConnection] = []
        self._camera: MediaStreamTrack | None = None

    async def publish(self, request: web.Request) -> web.Response:
        connection = self._connected()

        def keep(track: MediaStreamTrack) -> None:
            self._camera = track

        connection.on("track", keep)
        return await _answer(connection, await request.text())

    async def subscribe(self, request: web.Request) -> web.Response:
        if self._camera is None:
            return web.Response(status=409, text="nobody publishes")
        connection = self._connected()
        connection.addTrack(self._relay.subscribe(self._camera, buffered=False))
        return await _answer(connection, await request.text())

    def _connected(self) -> RTCPeerConnection:
        connection = RTCPeerConnection()
        self._connections.append(connection)
        return connection


async def _answer(connection: RTCPeerConnection, offer: str) -> web.Response:
    await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    return web.Response(text=connection.localDescription.sdp)


def main() -> None:
    stay_on_loopback()
    room, app = Room(), web.Application()
    app.add_routes([web.post("/publish", room.publish), web.post("/subscribe", room.subscribe)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
