"""Where the peers come from: Go modules are built into build/peers, Debian's packages are installed by their manager.

Nothing that cannot be had is replaced by something else: the reason is told, and the peer is left out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import Unavailable, write_files
from benchmarks.processes import without_places

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "build" / "peers"
BUILD_SECONDS = 1800


@dataclass(frozen=True)
class Program:
    """A built program; `source` is what it was built from."""

    path: Path
    source: Path
    version: str


def pins() -> dict[str, dict[str, Any]]:
    """Which versions: see versions.toml."""
    return tomllib.loads((HERE / "versions.toml").read_text())


@cache
def go_program(name: str) -> Program:
    """The first of the pinned builds that is there already, or can be made. Raises Unavailable with all reasons.

    Somebody whose module proxy lacks a version may lay its source into build/peers/NAME-VERSION/source.
    """
    pin, reasons = pins()[name], []
    builds = [_Build(name, pin["module"], pin["package"], **each) for each in pin["builds"]]
    for build in builds:
        if build.program.path.exists():
            return build.program
    for build in builds:
        try:
            build.make()
        except Unavailable as reason:
            reasons.append(f"{build.program.version}: {reason}")
        else:
            return build.program
    raise Unavailable("; ".join(reasons))


class _Build:
    """One `builds` table of versions.toml.

    `without` names a line that is left out, together with all replacements; `files` are added, by their paths.
    """

    def __init__(
        self,
        program: str,
        module: str,
        package: str,
        version: str,
        name: str = "",
        without: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        folder = BUILT / (f"{program}-{version}" + ("-changed" if without else ""))
        self.program = Program(folder / program, folder / "source", name or version)
        self._module, self._package, self._without = f"{module}@{version}", package, without
        self._files = files or {}

    def make(self) -> None:
        if shutil.which("go") is None:
            raise Unavailable("Go is not installed")
        if not self.program.source.exists():
            self._fetch()
        write_files(self.program.source, self._files)
        command = ["go", "build", "-trimpath", "-buildvcs=false", "-o", str(self.program.path)]
        _run([*command, *(["-mod=mod"] if self._without else []), self._package], self.program.source)

    def _fetch(self) -> None:
        described = json.loads(_run(["go", "mod", "download", "-json", self._module], HERE))
        # A copy, since Go builds nothing in its cache, which it keeps read-only.
        source = self.program.source
        source.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(described["Dir"], source)
        for path in (source, *source.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
        if without := self._without:
            _leave_out(source / "go.mod", lambda line: line.startswith("replace "))
            _leave_out(source / without["file"], lambda line: line.strip() == without["line"])


def _leave_out(file: Path, is_out: Callable[[str], bool]) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not is_out(line)))


def debian_package(package: str, command: str) -> str:
    """Sees to it that `command` is there, and returns the package's version."""
    if shutil.which(command) is None:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise Unavailable(f"{command} is not installed; as root: apt-get install {package}")
        _run(["apt-get", "update"], HERE)
        _run(["apt-get", "install", "-y", "--no-install-recommends", package], HERE)
    shown = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}", package], capture_output=True, text=True, check=False
    )
    return f"Debian's {shown.stdout}" if shown.returncode == 0 else "not Debian's"


def _run(command: Sequence[str], folder: Path) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ran = subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=BUILD_SECONDS
        )
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"`{' '.join(command[:3])}` failed: {reason_in(error.stdout + error.stderr)}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"`{' '.join(command[:3])}` failed: {error}") from error
    return ran.stdout


def reason_in(output: str) -> str:
    """The last line that says something, without what belongs to this machine or its way to the packages."""
    lines = [line.strip() for line in output.splitlines() if re.search(r"[a-z]{3}", line) and "downloading" not in line]
    return without_places(lines[-1])[-200:] if lines else "it said nothing"
