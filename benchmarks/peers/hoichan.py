"""Ourselves: `hoichan serve --dev`, as anybody starts it, with room for the largest case."""

from __future__ import annotations

import socket
import sys
from importlib import metadata
from pathlib import Path

from benchmarks.peers.peer import Peer, Running, livekit_options
from benchmarks.processes import Process, free_port

ROOT = Path(__file__).parents[2]


class Hoichan(Peer):
    name = "hoichan"
    settings = "`hoichan serve --dev`, with `rooms.max_participants = 1000`; everything else as it comes"

    def prepare(self) -> str:
        return metadata.version("hoichan")

    def start(self, folder: Path) -> Running:
        port = free_port()
        environment = {
            "PYTHONPATH": str(ROOT),
            "HOICHAN_HTTP_PORT": str(port),
            "HOICHAN_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
            "HOICHAN_MEDIA_TCP_PORT": str(free_port()),
            "HOICHAN_ROOMS_MAX_PARTICIPANTS": "1000",
            "HOICHAN_LOG_LEVEL": "warning",
        }
        process = Process(self.name, [sys.executable, "-m", "signalling.cli", "serve", "--dev"], folder, environment)
        process.wait_for_port(port)
        return Running(process, livekit_options(port))
