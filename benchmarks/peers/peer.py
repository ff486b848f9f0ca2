"""What a peer is to the benchmark: something that can be had, started, joined and stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Process

LOOPBACK = "127.0.0.1"
API_KEY = "bench"
API_SECRET = "for-servers-that-only-this-machine-can-reach"  # noqa: S105


class Unavailable(Exception):  # noqa: N818 - a reason, shown in the report
    """The peer cannot be measured on this machine; says why in one sentence."""


@dataclass(frozen=True)
class Running:
    """A started server, and the load client's options that lead there; or another client with the same options."""

    process: Process
    options: tuple[str, ...]
    load: tuple[str, ...] = ()


class Peer(ABC):
    """One server in one configuration. A subclass's module shows all of its settings."""

    name: str
    """In tables and on the command line; [a-z0-9-]."""

    settings: str
    """In the words of its own documentation, for the report."""

    @abstractmethod
    def prepare(self) -> str:
        """Builds or installs it, unless that is done. Returns its version; raises Unavailable."""

    @abstractmethod
    def start(self, folder: Path) -> Running:
        """Starts it on loopback with its files in `folder`, and returns when it can be joined. Raises NotStarted."""


def livekit_options(port: int) -> tuple[str, ...]:
    """How the load client joins a server that speaks LiveKit's protocol."""
    url = f"ws://{LOOPBACK}:{port}"
    return ("--adapter", "livekit", "--url", url, "--api-key", API_KEY, "--api-secret", API_SECRET)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
