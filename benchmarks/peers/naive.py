"""aiortc's MediaRelay: see benchmarks/naive. It has viewers of its own, since it looks into pictures."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from benchmarks.peers.peer import Peer, Running
from benchmarks.processes import Process, free_port

ROOT = Path(__file__).parents[2]


class Naive(Peer):
    name = "naive"
    settings = "as its documentation has it; VP8 at its own 1.5 Mbit/s at most, loopback only"

    def prepare(self) -> str:
        return f"aiortc {metadata.version('aiortc')}"

    def start(self, folder: Path) -> Running:
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.naive.server", str(port)]
        process = Process(self.name, command, folder, {"PYTHONPATH": str(ROOT)})
        process.wait_for_port(port)
        load = (sys.executable, "-m", "benchmarks.naive.client")
        return Running(process, ("--url", f"http://127.0.0.1:{port}"), load=load)
