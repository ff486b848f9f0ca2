"""Everything that is measured, ourselves among them: one module each, with all settings in sight."""

from __future__ import annotations

from benchmarks.peers import janus, livekit
from benchmarks.peers.galene import Galene
from benchmarks.peers.hoichan import Hoichan
from benchmarks.peers.mediamtx import MediaMtx
from benchmarks.peers.naive import Naive
from benchmarks.peers.peer import Peer

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        Hoichan(),
        livekit.PLAIN,
        livekit.BATCHED,
        livekit.SEND_SIDE,
        janus.ONE_LOOP_FOR_ALL,
        janus.LOOP_PER_HANDLE,
        Galene(),
        MediaMtx(),
        Naive(),
    )
}
