"""A commune station on a weak link: a real SDK behind an emulated one, and what its person sees and hears."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.meeting import Meeting, meet_at
from tests.links.experience import Experience, begin_consultation, live_through
from tests.links.link import Conditions
from tests.links.network import SERVER, EmulatedNetwork

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

HALF_RTT = 0.03
WIDE = Conditions(rate=3e6, buffer=1.0, delay=HALF_RTT)
NARROW = Conditions(rate=300e3, buffer=1.0, delay=HALF_RTT)
UPLINK = Conditions(rate=1e6, delay=HALF_RTT)
TURNING_DOWN_SECONDS = 4.0
"""Within this a call that fills the link before must fit it after; what queued up meanwhile has to drain, too."""
ADDED_QUEUE_SECONDS = 0.3
RECOVERY_SECONDS = 10.0


@pytest.fixture
async def meeting(emulated: EmulatedNetwork, sdks: Path, artifacts: Path, tmp_path: Path) -> AsyncIterator[Meeting]:
    """A meeting on a server that the person behind the link reaches only through it."""
    assert emulated.namespace  # It brings the address that the server binds.
    async with meet_at(SERVER, tmp_path, sdks, artifacts) as meeting:
        yield meeting


def told(seen: Experience) -> str:
    return (
        f"{seen.rate_after(5) / 1e3:.0f} kb/s, queue {seen.queue_after(TURNING_DOWN_SECONDS) * 1e3:.0f} ms,"
        f" heard {seen.heard_share:.3f}, {len(seen.pictures)} pictures, frozen {seen.frozen:.1f} s,"
        f" 720 lines after {seen.first_of(720):.1f} s"
    )


async def test_a_link_that_narrows_to_a_tenth_and_widens_again(meeting: Meeting, emulated: EmulatedNetwork) -> None:
    """Profile P12: 3 M, 300 k, 3 M."""
    emulated.becomes(down=WIDE, up=UPLINK)
    commune = await begin_consultation(meeting, emulated)
    wide = await live_through(emulated, commune, 20, down=WIDE, up=UPLINK)
    narrow = await live_through(emulated, commune, 25, down=NARROW, up=UPLINK)
    again = await live_through(emulated, commune, 20, down=WIDE, up=UPLINK)
    story = f"wide: {told(wide)}; narrow: {told(narrow)}; wide again: {told(again)}"

    assert wide.first_of(720) < RECOVERY_SECONDS, story
    assert narrow.queue_after(TURNING_DOWN_SECONDS) < ADDED_QUEUE_SECONDS, story
    assert len(narrow.pictures) > 50, f"the link carries the smallest layer: {story}"
    assert again.first_of(720) < RECOVERY_SECONDS, story
    assert min(wide.heard_share, narrow.heard_share, again.heard_share) > 0.95, f"video starves audio: {story}"
