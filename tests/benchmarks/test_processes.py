"""A measured program, and what it says when it does not start or does not stay."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.processes import NotStarted, Process, cpu_seconds, free_port, resident_kib, without_places

LISTENING = "import socket, sys, time; server = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
GO_PANIC = "print('starting'); print('panic: assignment to entry in nil map'); print('goroutine 7 [running]:')"


def test_a_server_is_pinned_to_its_core_and_can_be_measured_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    process = Process("listening", [sys.executable, "-c", LISTENING, str(port)], tmp_path, {})
    process.wait_for_port(port)
    assert os.sched_getaffinity(process.pid) == {0}
    assert cpu_seconds(process.pid) > 0
    assert resident_kib(process.pid) > 1000
    process.stop()
    assert process.has_ended()


def test_who_does_not_start_is_quoted(tmp_path: Path) -> None:
    process = Process("broken", [sys.executable, "-c", GO_PANIC], tmp_path, {})
    with pytest.raises(
        NotStarted, match=r"broken does not answer on port .*; it said: panic: assignment to entry in nil map$"
    ):
        process.wait_for_port(free_port())


def test_what_is_published_names_no_path_and_no_address() -> None:
    said = "no file at /opt/thing/x.toml, see https://example.test/help and 720p/30"
    assert without_places(said) == "no file at …, see … and 720p/30"
