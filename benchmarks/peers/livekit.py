"""LiveKit server, built from its Go module; settings from its config-sample.yaml and its guide to self-hosting."""

from __future__ import annotations

import socket
from pathlib import Path

from benchmarks.peers.building import go_program
from benchmarks.peers.peer import API_KEY, API_SECRET, LOOPBACK, Peer, Running, livekit_options, write_files
from benchmarks.processes import Process, free_port

CONFIG = """\
port: {port}
bind_addresses: [{host}]
rtc:
  udp_port: {udp_port}              # One port for everybody, as recommended: as many as there are cores.
  tcp_port: {tcp_port}
  node_ip: {host}
  use_external_ip: false
  use_ice_lite: true                # "Will speed up ICE connection."
  enable_loopback_candidate: true
  ips:
    includes: [{host}/32]
{more}
keys:
  {key}: {secret}
logging:
  level: error
  pion_level: error
limit:
  num_tracks: -1                    # Ours has no such limit, either.
"""

BATCH_IO = """\
  batch_io:                         # "Merges network write system calls to reduce CPU usage"; the documented figures.
    batch_size: 128
    max_flush_interval: 2ms
"""

SEND_SIDE_BWE = """\
  congestion_control:
    use_send_side_bwe: true         # Transport-wide feedback instead of REMB, as our own core works.
"""


class LiveKit(Peer):
    """Go takes as many threads for its goroutines as there are cores it may use: one, pinned as it is here.

    So GOMAXPROCS=1 and its default are the same measurement.
    """

    def __init__(self, name: str, settings: str, more: str) -> None:
        self.name = name
        self.settings = f"one UDP port, ICE lite, {settings}; GOMAXPROCS is 1 on one core, by default"
        self._more = more

    def prepare(self) -> str:
        return go_program("livekit").version

    def start(self, folder: Path, host: str = LOOPBACK) -> Running:
        port = free_port()
        config = CONFIG.format(
            host=host,
            port=port,
            udp_port=free_port(socket.SOCK_DGRAM),
            tcp_port=free_port(),
            more=self._more.rstrip("\n"),
            key=API_KEY,
            secret=API_SECRET,
        )
        write_files(folder, {f"{self.name}.yaml": config})
        command = [str(go_program("livekit").path), "--config", f"{self.name}.yaml"]
        process = Process(self.name, command, folder, {})
        process.wait_for_port(port, host)
        return Running(process, livekit_options(port))


PLAIN = LiveKit("livekit", "one system call per packet (its default), REMB (its default)", "")
BATCHED = LiveKit("livekit-batched", "`batch_io` 128 packets or 2 ms, REMB", BATCH_IO)
SEND_SIDE = LiveKit("livekit-bwe", "one system call per packet, `use_send_side_bwe`", SEND_SIDE_BWE)
