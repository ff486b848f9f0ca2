"""A commune station behind an emulated link: a namespace whose only way out is `emulator`.

Needs root, iproute2 and TUN devices; `missing()` says which are not at hand. What is made outside the namespace is one
device and one route, which go when the emulator ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.e2e import bad_network
from tests.e2e.bad_network import ip
from tests.links.emulator import INSIDE, OUTSIDE
from tests.links.link import Conditions

ROOT = Path(__file__).parents[2]
_BLOCK = f"198.19.{os.getpid() // 64 % 256}"
_FIRST = os.getpid() % 64 * 4
SERVER, PERSON = f"{_BLOCK}.{_FIRST + 1}", f"{_BLOCK}.{_FIRST + 2}"
"""In RFC 2544's range: nobody's addresses. Each process has its own, so that several can measure at once."""


def missing() -> str:
    """What this machine lacks, in words; empty if nothing."""
    return bad_network.missing() or ("" if Path("/dev/net/tun").exists() else "there are no TUN devices")


@dataclass(frozen=True)
class Sample:
    """One direction at one moment of `time.monotonic`: totals in bytes and packets, and the queue in seconds."""

    at: float
    offered: int
    delivered: int
    lost: int
    queued: float


@dataclass
class EmulatedNetwork:
    """`prefix` runs a command as the person behind the link."""

    namespace: str
    process: subprocess.Popen[str]
    down: list[Sample] = field(default_factory=list)
    up: list[Sample] = field(default_factory=list)

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.namespace)

    def becomes(self, *, down: Conditions, up: Conditions) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"down": _told(down), "up": _told(up)}) + "\n")
        self.process.stdin.flush()

    def listen(self) -> None:
        """Keep all that the emulator tells, until it ends."""
        assert self.process.stdout
        for line in self.process.stdout:
            told = json.loads(line)
            self.down.append(Sample(at=told["at"], **told["down"]))
            self.up.append(Sample(at=told["at"], **told["up"]))


def _told(conditions: Conditions) -> dict[str, object]:
    return {name: value for name, value in asdict(conditions).items() if value is not None}


@contextmanager
def emulated_network() -> Iterator[EmulatedNetwork]:
    """A perfect link at first."""
    namespace = f"links-{os.getpid()}"
    ip("netns", "add", namespace)
    command = [sys.executable, "-m", "tests.links.emulator", namespace]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", "the emulator did not start"
        _address(namespace, f"{OUTSIDE}{process.pid}")
        network = EmulatedNetwork(namespace, process)
        listening = threading.Thread(target=network.listen, daemon=True)
        listening.start()
        yield network
        process.kill()
        listening.join()
    finally:
        process.kill()
        with process:
            process.wait()
        ip("netns", "del", namespace)


def _address(namespace: str, outside: str) -> None:
    ip("addr", "add", SERVER, "peer", PERSON, "dev", outside)
    ip("link", "set", outside, "up")
    ip("-n", namespace, "addr", "add", PERSON, "peer", SERVER, "dev", INSIDE)
    ip("-n", namespace, "link", "set", "dev", INSIDE, "up")
    ip("-n", namespace, "link", "set", "dev", "lo", "up")
    ip("-n", namespace, "route", "add", "default", "dev", INSIDE)
