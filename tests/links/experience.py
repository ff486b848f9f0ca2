"""What a person on a real SDK sees and hears of a doctor while the link between them is what it is."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from itertools import pairwise

from tests.e2e.meeting import CURRENT, Meeting
from tests.e2e.sdk.client import SdkPeer
from tests.links.link import Conditions
from tests.links.network import EmulatedNetwork, Sample

MARKER, HERTZ = 5, 880
LARGEST_LAYER = 1_500_000
"""In bit/s: half of a good link, several times a bad one."""
FREEZE_SECONDS = 0.5
"""Without a picture for longer than this, a face is seen to freeze."""


@dataclass(frozen=True)
class Experience:
    """One stretch of a call. Times are in seconds from its start, unless they are called `at`."""

    start: float
    end: float
    pictures: list[dict[str, float]]
    pitches: list[tuple[float, float]]
    samples: list[Sample]

    def first_of(self, height: int) -> float:
        """When pictures of at least `height` lines came first; infinite if they never did."""
        return min((p["at"] - self.start for p in self.pictures if p["height"] >= height), default=math.inf)

    def share_of(self, height: int) -> float:
        """The part of all pictures that had at least `height` lines, 0 to 1."""
        return sum(p["height"] >= height for p in self.pictures) / max(len(self.pictures), 1)

    def queue_after(self, seconds: float) -> float:
        """The longest wait before the link from then on, in seconds."""
        return max(sample.queued for sample in self._samples_after(seconds))

    def rate_after(self, seconds: float) -> float:
        """What the link delivered from then on, in bit/s, headers and all."""
        late = self._samples_after(seconds)
        return (late[-1].delivered - late[0].delivered) * 8 / (late[-1].at - late[0].at)

    @property
    def frozen(self) -> float:
        """How long no picture came where one was due, in seconds altogether."""
        shown = [self.start, *(p["at"] for p in self.pictures), self.end]
        return sum(gap for gap in (later - earlier for earlier, later in pairwise(shown)) if gap > FREEZE_SECONDS)

    @property
    def heard_share(self) -> float:
        """The part of all tenths of a second in which the tone could be heard, 0 to 1."""
        return sum(abs(hertz - HERTZ) < 0.05 * HERTZ for _, hertz in self.pitches) / max(len(self.pitches), 1)

    def _samples_after(self, seconds: float) -> list[Sample]:
        return [sample for sample in self.samples if sample.at - self.start > seconds]


async def begin_consultation(meeting: Meeting, network: EmulatedNetwork) -> SdkPeer:
    """A doctor at the server's side, seen and heard by a person behind the link, who is returned.

    The doctor's pictures are 1280 x 720, simulcast, and cost what the encoder may spend.
    """
    doctor = await meeting.join("doctor", CURRENT, {})
    await doctor.do("publish_audio", hertz=HERTZ)
    await doctor.do(
        "publish_video",
        marker=MARKER,
        width=1280,
        height=720,
        fps=20,
        simulcast=True,
        codec="VP8",
        busy=True,
        max_bitrate=LARGEST_LAYER,
    )
    person = await meeting.join("commune", CURRENT, {}, prefix=network.prefix)
    await person.hears("doctor", HERTZ, within=30)
    await person.sees("doctor", MARKER, within=30)
    return person


async def live_through(
    network: EmulatedNetwork, person: SdkPeer, seconds: float, *, down: Conditions, up: Conditions
) -> Experience:
    """Let the link be like this for a while, and tell how it was."""
    for verb in ("watch", "pitches"):
        await person.do(verb, identity="doctor")
    network.becomes(down=down, up=up)
    start = time.monotonic()
    await asyncio.sleep(seconds)  # The link's own time.
    return Experience(
        start,
        time.monotonic(),
        await person.do("watch", identity="doctor"),
        await person.do("pitches", identity="doctor"),
        [sample for sample in network.down if sample.at >= start],
    )
