"""How late the event loop does what is due: the one figure that tells whether Python keeps up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rooms.live.ids import Seconds

INTERVAL_SECONDS: Seconds = 0.1


async def measure(observe: Callable[[Seconds], None], interval: Seconds = INTERVAL_SECONDS) -> None:
    """Tell `observe` of the lag, each `interval`. Ends by cancellation."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + interval
        await asyncio.sleep(interval)
        observe(max(clock() - due, 0.0))
