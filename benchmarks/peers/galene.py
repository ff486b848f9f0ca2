"""Galene, built from its Go module; settings from galene-install.md and galene.md."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from benchmarks.peers.building import go_program
from benchmarks.peers.peer import LOOPBACK, Peer, Running, write_files
from benchmarks.processes import Process, free_port

GROUP = {
    "wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"},
    "auto-subgroups": True,
    "max-clients": 2000,
    "codecs": ["vp8", "opus"],
}


class Galene(Peer):
    name = "galene"
    settings = "one UDP port (`-udp-range PORT`), no TURN server, plain HTTP on loopback; a group open to everybody"

    def prepare(self) -> str:
        return go_program("galene").version

    def start(self, folder: Path) -> Running:
        port, program = free_port(), go_program("galene")
        write_files(folder, {"groups/load.json": json.dumps(GROUP), "data/config.json": "{}"})
        options = {
            "-http": f"{LOOPBACK}:{port}",
            "-udp-range": str(free_port(socket.SOCK_DGRAM)),
            "-turn": "",
            "-groups": "groups",
            "-data": "data",
            "-recordings": "recordings",
            "-static": str(program.source / "static"),
        }
        words = [word for pair in options.items() for word in pair]
        process = Process(self.name, [str(program.path), "-insecure", *words], folder, {})
        process.wait_for_port(port)
        return Running(process, ("--adapter", "galene", "--url", f"ws://{LOOPBACK}:{port}/ws"))
