"""A measured program: started on a core of its own, its CPU time and memory read, and stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SERVER_CORE = 0
CLIENT_CORE = 1

START_SECONDS = 20
END_SECONDS = 10


class NotStarted(Exception):  # noqa: N818 - it is what happened to a peer; the others are measured all the same
    """Says which program, and what it said last."""


class Process:
    """One running server, and nothing but it: none of those that are measured here has children that work for it."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Starts `command` on the servers' core, in `folder`, `environment` added to ours; its words go to a log."""
        self.name = name
        self.log = folder / f"{name}.log"
        pinned = ["taskset", "--cpu-list", str(SERVER_CORE), *command]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                pinned, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_port(self, port: int, host: str = "127.0.0.1") -> None:
        """Until somebody listens on it. Raises NotStarted when the program ends before that, or takes too long."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection((host, port), timeout=1):
                return
            time.sleep(0.05)
        self.stop()
        raise NotStarted(f"{self.name} does not answer on port {port}; it said: {self.last_words()}")

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The line that says why it ended, where there is one: what Go prints after that is where."""
        lines = self.log.read_text(errors="replace").splitlines()
        fatal = [line for line in lines if line.startswith(("panic:", "fatal error:"))]
        return " / ".join(fatal[:1] or lines[-3:])[-400:] or "nothing"


def cpu_seconds(pid: int) -> float:
    """Of all threads, ended ones included, user and system. The clock's number is that of clock_getcpuclockid(3)."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise NotStarted(f"process {pid} has no memory")


PLACES = re.compile(r"https?://\S+|(?<![\w.])/[\w.@/-]+")


def without_places(text: str) -> str:
    """`text` without the paths and addresses in it: what is published tells nothing about this machine."""
    return PLACES.sub("…", text)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that nobody holds at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
