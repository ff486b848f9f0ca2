"""Starting the server from a terminal."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.command import ROOT
from tests.running import running_server


@contextmanager
def few_files() -> Iterator[None]:
    """This process, and what it starts, may open 256 files; more only by asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_full_house_does_not_run_out_of_files() -> None:
    with few_files(), running_server(ROOT, os.environ) as server:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text(encoding="ascii")
    (files,) = (line.split() for line in limits.splitlines() if line.startswith("Max open files"))
    soft, hard = files[3:5]
    assert soft == hard
