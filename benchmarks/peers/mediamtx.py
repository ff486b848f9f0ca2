"""MediaMTX, built from its Go module: made for streams, but it speaks WHIP and WHEP; settings from its mediamtx.yml."""

from __future__ import annotations

import socket
from pathlib import Path

from benchmarks.peers.building import go_program
from benchmarks.peers.peer import LOOPBACK, Peer, Running, write_files
from benchmarks.processes import Process, free_port

CONFIG = """\
logLevel: error
rtsp: no
rtmp: no
hls: no
srt: no
webrtc: yes
webrtcAddress: {host}:{port}
webrtcLocalUDPAddress: {host}:{udp_port}
webrtcIPsFromInterfaces: no         # "Gather IPs from interfaces": loopback is all that is wanted.
webrtcAdditionalHosts: [{host}]
paths:
  all_others:                       # Streams may have any name.
"""


class MediaMtx(Peer):
    name = "mediamtx"
    settings = "WebRTC only, one UDP port; a connection for each stream, over WHIP and WHEP"

    def prepare(self) -> str:
        return go_program("mediamtx").version

    def start(self, folder: Path) -> Running:
        port = free_port()
        config = CONFIG.format(host=LOOPBACK, port=port, udp_port=free_port(socket.SOCK_DGRAM))
        write_files(folder, {"mediamtx.yml": config})
        process = Process(self.name, [str(go_program("mediamtx").path), "mediamtx.yml"], folder, {})
        process.wait_for_port(port)
        url = f"http://{LOOPBACK}:{port}/{{room}}/{{publisher}}/{{protocol}}"
        return Running(process, ("--adapter", "whip", "--url", url))
