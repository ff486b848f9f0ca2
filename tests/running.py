"""`hoichan serve --dev` in a process of its own, on ports of its own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE = (sys.executable, "-m", "signalling.cli")
END_SECONDS = 20


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


@contextmanager
def running_server(folder: Path, environment: Mapping[str, str], command: tuple[str, ...] = MODULE) -> Iterator[str]:
    """Yields the server's address once its ports are bound; afterwards it must end by itself when asked to."""
    port, ports = free_ports()
    serve = [*command, "serve", "--dev"]
    with subprocess.Popen(
        serve, cwd=folder, env={**environment, **ports}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            greeting = process.stdout.readline()
            assert f":{port}" in greeting, "the server did not start; what it said is on stderr"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=END_SECONDS) == 0
