"""One call over a link that narrows and widens again, on each server: what a person behind it sees and hears.

The link is emulated in a network namespace; both people are real LiveKit SDKs: feedback and decoders are libwebrtc's.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.peers.hoichan import Hoichan
from benchmarks.peers.livekit import LiveKit
from benchmarks.peers.peer import API_KEY, API_SECRET, Unavailable
from tests.e2e.meeting import CURRENT, meet
from tests.links.experience import Experience, begin_consultation, live_through
from tests.links.link import Conditions
from tests.links.network import SERVER, emulated_network, missing

SDKS = Path(__file__).parents[1] / "build" / "sdks"
CALLS = ("hoichan", "livekit", "livekit-bwe")
DELAY_SECONDS = 0.03
BUFFER_SECONDS = 1.0
"""As deep as mobile networks keep theirs: who overshoots sees it in the queue, not in losses."""

QUEUE_BOUND_SECONDS = 0.3
SETTLED_SECONDS = 10.0
"""After this, a step is no longer a transition."""


@dataclass(frozen=True)
class Step:
    name: str
    bits_per_second: float
    seconds: float


STEPS = (
    Step("3 Mbit/s", 3e6, 20),
    Step("down to 300 kbit/s", 3e5, 40),
    Step("back to 3 Mbit/s", 3e6, 40),
)


async def call_over(peer: Hoichan | LiveKit, folder: Path, steps: Sequence[Step] = STEPS) -> list[dict[str, Any]]:
    """One call on `peer`; figures for each step. Raises NotStarted, and AssertionError when nobody is seen or heard."""
    up = Conditions(rate=3e6, buffer=BUFFER_SECONDS, delay=DELAY_SECONDS)
    with emulated_network() as network:
        running = peer.start(folder, SERVER)
        try:
            port = int(running.options[running.options.index("--url") + 1].rpartition(":")[2])
            async with meet(port, SDKS, folder, host=SERVER, keys=(API_KEY, API_SECRET)) as meeting:
                person = await begin_consultation(meeting, network)
                found = []
                for step in steps:
                    down = Conditions(rate=step.bits_per_second, buffer=BUFFER_SECONDS, delay=DELAY_SECONDS)
                    lived = await live_through(network, person, step.seconds, down=down, up=up)
                    found.append({"step": step.name} | figures(lived, step))
                return found
        finally:
            running.process.stop()


def figures(lived: Experience, step: Step) -> dict[str, float | None]:
    """Seconds and shares from 0 to 1, by the keys of table.LINK_FIGURES; None for a picture that never came."""
    full_picture = lived.first_of(720)
    return {
        "settled_seconds": settled_after((each.at - lived.start, each.queued) for each in lived.samples),
        "longest_queue_seconds": lived.queue_after(0),
        "steady_queue_seconds": lived.queue_after(SETTLED_SECONDS),
        "used": lived.rate_after(SETTLED_SECONDS) / step.bits_per_second,
        "frozen_seconds": lived.frozen,
        "heard": lived.heard_share,
        "full_picture_seconds": full_picture if math.isfinite(full_picture) else None,
    }


def settled_after(queues: Iterable[tuple[float, float]]) -> float:
    """When the queue was above the bound for the last time; `queues` are (seconds since the step, seconds of queue)."""
    return max((at for at, queued in queues if queued > QUEUE_BOUND_SECONDS), default=0.0)


def measure_links(names: Iterable[str] = CALLS) -> dict[str, Any]:
    """For each server the figures of each step, or the reason why there are none."""
    lacking = missing() or ("" if (SDKS / CURRENT).exists() else "the SDK is not installed: run `make e2e` once")
    found: dict[str, Any] = {}
    for name in names:
        peer = PEERS[name]
        assert isinstance(peer, Hoichan | LiveKit)
        found[name] = {"failure": lacking} if lacking else _call(peer)
    return found


def _call(peer: Hoichan | LiveKit) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="links-") as folder:
        try:
            peer.prepare()
            return {"steps": asyncio.run(call_over(peer, Path(folder)))}
        except (Unavailable, OSError, RuntimeError, AssertionError) as failure:
            return {"failure": f"{type(failure).__name__}: {failure}"[:300]}
