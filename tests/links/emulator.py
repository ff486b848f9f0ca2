"""A network path in user space, between two TUN devices: for kernels without `netem`, and the same run every time.

`python -m tests.links.emulator NETNS` makes one device here and one in the namespace, both without addresses, says
`ready`, and then carries IP packets between them as the latest conditions have it. Conditions come as JSON lines on
standard input, `{"down": {...}, "up": {...}}`; down is towards the namespace. Ten times a second it tells on standard
output, per direction, what was offered and delivered (bytes), lost (packets) and queued (seconds) so far.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import struct
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.links.link import Burst, Conditions, Fade, Link

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
MAX_PACKET = 65_536
TOLD_EVERY = 0.1
OUTSIDE, INSIDE = "hcout", "hcin"
"""How the devices are called: `OUTSIDE` with our process id behind it, as it lives beside others'."""


def conditions_from(told: dict[str, Any]) -> Conditions:
    burst, fade = told.pop("burst", None), told.pop("fade", None)
    return Conditions(**told, burst=Burst(**burst) if burst else None, fade=Fade(**fade) if fade else None)


def tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


@dataclass
class Direction:
    """From one device to the other: what is on its way, by arrival; nothing overtakes."""

    link: Link
    source: int
    target: int
    on_its_way: deque[tuple[float, bytes]] = field(default_factory=deque)

    def take(self, now: float) -> None:
        while True:
            try:
                packet = os.read(self.source, MAX_PACKET)
            except BlockingIOError:
                return
            arrival = self.link.send(now, len(packet))
            if arrival is not None:
                self.on_its_way.append((arrival, packet))

    def deliver(self, now: float) -> None:
        while self.on_its_way and self.on_its_way[0][0] <= now:
            with suppress(OSError):  # A device that is down takes nothing.
                os.write(self.target, self.on_its_way.popleft()[1])

    def told(self, now: float) -> dict[str, float]:
        link = self.link
        return {
            "offered": link.offered,
            "delivered": link.delivered,
            "lost": link.lost,
            "queued": round(link.queued(now), 4),
        }


def main(namespace: str) -> None:
    here, there = tun(f"{OUTSIDE}{os.getpid()}"), tun(f"{INSIDE}{os.getpid()}")
    subprocess.run(["ip", "link", "set", f"{INSIDE}{os.getpid()}", "netns", namespace, "name", INSIDE], check=True)
    directions = {
        "down": Direction(Link(Conditions(), seed=1), here, there),
        "up": Direction(Link(Conditions(), seed=2), there, here),
    }
    say("ready")
    carry(directions)


def carry(directions: dict[str, Direction]) -> None:
    """Until standard input ends."""
    started = tell_at = time.monotonic()
    with selectors.DefaultSelector() as waiting:
        for direction in directions.values():
            waiting.register(direction.source, selectors.EVENT_READ, direction)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        while True:
            now = time.monotonic() - started
            arrivals = [each.on_its_way[0][0] for each in directions.values() if each.on_its_way]
            for key, _ in waiting.select(max(min([*arrivals, tell_at - started], default=now) - now, 0.0)):
                if isinstance(key.data, Direction):
                    key.data.take(time.monotonic() - started)
                elif not change(directions, sys.stdin.readline()):
                    return
            now = time.monotonic() - started
            for direction in directions.values():
                direction.deliver(now)
            if started + now >= tell_at:
                tell_at += TOLD_EVERY
                say(json.dumps({"at": started + now, **{name: each.told(now) for name, each in directions.items()}}))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def change(directions: dict[str, Direction], line: str) -> bool:
    """What is queued already stays so. Returns whether there was a line."""
    for name, told in json.loads(line or "{}").items():
        directions[name].link.conditions = conditions_from(told)
    return bool(line)


if __name__ == "__main__":
    main(sys.argv[1])
