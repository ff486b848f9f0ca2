"""Ourselves: `hoichan serve`, with room for the largest case."""

from __future__ import annotations

import socket
import sys
from importlib import metadata
from pathlib import Path

from benchmarks.peers.peer import API_KEY, API_SECRET, LOOPBACK, Peer, Running, livekit_options
from benchmarks.processes import Process, free_port

ROOT = Path(__file__).parents[2]


class Hoichan(Peer):
    name = "hoichan"
    settings = "`rooms.max_participants = 1000`; everything else as it comes"

    def prepare(self) -> str:
        return metadata.version("hoichan")

    def start(self, folder: Path, host: str = LOOPBACK) -> Running:
        port = free_port()
        environment = {
            "PYTHONPATH": str(ROOT),
            "HOICHAN_HTTP_HOST": host,
            "HOICHAN_HTTP_PORT": str(port),
            "HOICHAN_MEDIA_HOST": host,
            "HOICHAN_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
            "HOICHAN_MEDIA_TCP_PORT": str(free_port()),
            "HOICHAN_AUTH_API_KEYS": f"{API_KEY}: {API_SECRET}",
            "HOICHAN_ROOMS_MAX_PARTICIPANTS": "1000",
            "HOICHAN_LOG_LEVEL": "warning",
        }
        process = Process(self.name, [sys.executable, "-m", "signalling.cli", "serve"], folder, environment)
        process.wait_for_port(port, host)
        return Running(process, livekit_options(port))
