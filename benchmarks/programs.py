"""The native programs of the suite: built, run on the clients' core, their JSON read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import Case
from benchmarks.peers.peer import Running
from benchmarks.processes import CLIENT_CORE

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "media" / "core" / "Cargo.toml"
INCOMPLETE = 3
"""The load client's exit code when somebody did not join, or got no media, but the rest was measured."""

Result = dict[str, Any]


class Failed(Exception):  # noqa: N818 - one measurement did; the others go on
    """Says what the program said last."""


@dataclass(frozen=True)
class Programs:
    """Where the built programs are."""

    folder: Path

    @classmethod
    def built(cls) -> Programs:
        """In release mode. Raises subprocess.CalledProcessError, after cargo has said why."""
        command = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", str(MANIFEST)]
        subprocess.run([*command, "--package", "hoichan-benchmarks"], check=True)
        metadata = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--manifest-path", str(MANIFEST)]
        described = json.loads(subprocess.run(metadata, check=True, capture_output=True).stdout)
        return cls(Path(described["target_directory"]) / "release")

    def in_process(self, what: str, case: Case) -> Result:
        """What `limit` or `forwarding` measures for one camera: they place themselves on the cores."""
        command = [str(self.folder / what), str(case.load.subscribers), str(case.seconds)]
        return _result(command, _patience(case), complete=(0,))

    def load(self, running: Running, case: Case) -> Result:
        """What the load client measures at a peer. Raises Failed if that is nothing."""
        words = [*running.options, *case.load.options(), "--quiet", "--json", "-", "--core", str(CLIENT_CORE)]
        words += ["--warm-up", str(case.warm_up), "--duration", str(case.seconds)]
        words += ["--server-pid", str(running.process.pid)]
        client = running.load or (str(self.folder / "load"),)
        return _result([*client, *words], _patience(case), complete=(0, INCOMPLETE))


def _result(command: Sequence[str], patience: float, complete: tuple[int, ...]) -> Result:
    what = Path(command[0]).name
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{what} did not end within {patience:.0f} s") from error
    if ran.returncode not in complete:
        raise Failed(f"{what} ended with {ran.returncode}: {ran.stderr.strip()[-300:]}")
    result: Result = json.loads(ran.stdout)
    return result


def _patience(case: Case) -> float:
    """Twice as long as it should take, and time for a slow start."""
    return 20 + 2 * case.expected_seconds
