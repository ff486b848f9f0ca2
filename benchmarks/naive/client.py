"""`python -m benchmarks.naive.client`: a camera and its viewers.

It understands those of the load client's options that it needs, and prints as many of the same figures as aiortc knows.
"""

from __future__ import annotations

import argparse
import asyncio
import fractions
import json
import os
import sys
import time
from collections.abc import Sequence

import aiohttp
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from av import VideoFrame

from benchmarks.naive.loopback import stay_on_loopback
from benchmarks.processes import cpu_seconds, resident_kib

WIDTH, HEIGHT, FRAMES_PER_SECOND = 1280, 720, 30


class Camera(MediaStreamTrack):  # type: ignore[misc] # aiortc ships no types.
    """720p: a picture that moves, so that its encoder has work."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        grain = np.random.default_rng(seed=1).integers(64, 192, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
        self._picture = np.kron(grain, np.ones((8, 8, 1), dtype=np.uint8))
        self._begun = time.monotonic()
        self._frames = 0

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(self._begun + self._frames / FRAMES_PER_SECOND - time.monotonic())
        frame = VideoFrame.from_ndarray(np.roll(self._picture, 4 * self._frames, axis=1), format="rgb24")
        frame.pts, frame.time_base = self._frames, fractions.Fraction(1, FRAMES_PER_SECOND)
        self._frames += 1
        return frame


class Room:
    """Everybody who has come to the server at `url`."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._publisher = RTCPeerConnection()
        self._viewers: list[RTCPeerConnection] = []

    async def open(self) -> None:
        self._publisher.addTrack(Camera())
        await self._exchange(self._publisher, "publish")

    async def add_viewer(self) -> None:
        viewer, sink = RTCPeerConnection(), MediaBlackhole()
        viewer.addTransceiver("video", direction="recvonly")
        viewer.on("track", sink.addTrack)
        await self._exchange(viewer, "subscribe")
        await sink.start()
        self._viewers.append(viewer)

    async def received(self) -> tuple[int, int]:
        """Packets of RTP that all viewers have, and that they miss."""
        reports = [report for viewer in self._viewers for report in (await viewer.getStats()).values()]
        inbound = [report for report in reports if report.type == "inbound-rtp"]
        return sum(each.packetsReceived for each in inbound), sum(each.packetsLost for each in inbound)

    async def close(self) -> None:
        for connection in (self._publisher, *self._viewers):
            await connection.close()

    async def _exchange(self, connection: RTCPeerConnection, path: str) -> None:
        await connection.setLocalDescription(await connection.createOffer())
        async with self._http.post(f"{self._url}/{path}", data=connection.localDescription.sdp) as response:
            response.raise_for_status()
            await connection.setRemoteDescription(RTCSessionDescription(await response.text(), "answer"))


async def measure(options: argparse.Namespace) -> dict[str, object]:
    async with aiohttp.ClientSession() as http:
        room, before = Room(options.url, http), resident_kib(options.server_pid)
        await room.open()
        for _ in range(options.subscribers):
            await room.add_viewer()
        await asyncio.sleep(options.warm_up)
        begun, cpu, own = time.monotonic(), cpu_seconds(options.server_pid), time.process_time()
        packets, lost = await room.received()
        await asyncio.sleep(options.duration)
        window, cpu, own = (
            time.monotonic() - begun,
            cpu_seconds(options.server_pid) - cpu,
            time.process_time() - own,
        )
        after, lost_after = await room.received()
        await room.close()
    packets, lost = after - packets, lost_after - lost
    return {
        "participants": {"wanted": options.subscribers + 1, "joined": options.subscribers + 1},
        "window_seconds": window,
        "received": {"packets": packets, "packets_per_second": packets / window},
        "lost": {"packets": lost, "share": lost / max(packets + lost, 1)},
        "client": {"cpu_seconds": own, "busy": own / window},
        "server": {
            "cpu_seconds": cpu,
            "busy": cpu / window,
            "cpu_us_per_packet": cpu * 1e6 / packets if packets else None,
            "rss_kib_before": before,
            "rss_kib_end": resident_kib(options.server_pid),
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--subscribers", type=int, default=1)
    parser.add_argument("--warm-up", type=float, default=2)
    parser.add_argument("--duration", type=float, default=10)
    parser.add_argument("--server-pid", type=int, required=True)
    parser.add_argument("--core", type=int, required=True)
    options, _ = parser.parse_known_args(arguments)
    os.sched_setaffinity(0, {options.core})
    stay_on_loopback()
    sys.stdout.write(json.dumps(asyncio.run(measure(options))) + "\n")


if __name__ == "__main__":
    main()
