"""`hoichan serve --dev` in a process of its own, on ports of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE = (sys.executable, "-m", "signalling.cli")
END_SECONDS = 20
KEYS = "HOICHAN_AUTH_API_KEYS"


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports() -> tuple[int, dict[str, str]]:
    """An HTTP port, and the variables that make a server take it and two more for media."""
    port = free_port(socket.SOCK_STREAM)
    return port, {
        "HOICHAN_HTTP_PORT": str(port),
        "HOICHAN_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "HOICHAN_MEDIA_TCP_PORT": str(free_port(socket.SOCK_STREAM)),
    }


@dataclass
class Server:
    """A running server; its ports are bound."""

    url: str
    process: subprocess.Popen[str]

    @classmethod
    def start(
        cls,
        folder: Path,
        environment: Mapping[str, str],
        command: tuple[str, ...] = MODULE,
        ports: tuple[int, Mapping[str, str]] | None = None,
    ) -> Server:
        """Start in `folder` and wait for the greeting; `ports` as `free_ports` gives them, to take the same again.

        Without API keys in `environment` it starts with `--dev`.
        """
        port, variables = ports or free_ports()
        process = subprocess.Popen(
            [*command, "serve", *([] if KEYS in environment else ["--dev"])],
            cwd=folder, env={**environment, **variables}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        greeting = process.stdout.readline()
        server = cls(f"http://127.0.0.1:{port}", process)
        if f":{port}" not in greeting:
            server.kill()
            raise AssertionError("the server did not start; what it said is on stderr")
        return server

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[-1])

    def stop(self) -> None:
        """It must end by itself when asked to."""
        with self.process:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=END_SECONDS) == 0

    def kill(self) -> None:
        """As a power cut does."""
        with self.process:
            self.process.kill()


@contextmanager
def running_server(folder: Path, environment: Mapping[str, str], command: tuple[str, ...] = MODULE) -> Iterator[Server]:
    """A server for the length of a `with`."""
    server = Server.start(folder, environment, command)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.stop()
