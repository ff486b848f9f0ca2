"""What a newcomer is told whose machine lacks something."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SHELL_NEEDS = ["bash", "env", "git", "sed", "sort", "head", "grep", "mkdir", "dirname", "cut", "tail", "tr", "cat"]
TOOLS = {
    "gcc": "gcc (Debian) 12.2.0",
    "g++": "g++ (Debian) 12.2.0",
    "make": "GNU Make 4.3",
    "cmake": "cmake version 3.25.1",
    "python3.11": "Python 3.11.2",
    "cargo": "cargo 1.95.0 (f2d3ce0bd 2026-03-21)",
    "node": "v20.20.2",
    "npm": "10.8.2",
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that has what a newcomer needs, as far as anybody can tell who asks for versions."""
    for name in SHELL_NEEDS:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    for name, version in TOOLS.items():
        install(tmp_path, name, version)
    return tmp_path


def install(machine: Path, name: str, version: str) -> None:
    program = machine / name
    program.write_text(f"#!/usr/bin/env bash\necho '{version}'\n")
    program.chmod(0o755)


def told(machine: Path) -> tuple[int, str]:
    """What the first step of every verb says on that machine, and its exit code."""
    asked = 'source scripts/lib.sh; source scripts/tools.sh; require_tools; echo "all here"'
    ran = subprocess.run(
        ["bash", "-c", asked], cwd=ROOT, env={"PATH": str(machine)}, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_a_machine_with_everything_may_go_on(machine: Path) -> None:
    assert told(machine) == (0, "all here\n")


@pytest.mark.parametrize(
    ("tool", "named", "command"),
    [
        ("cmake", "Missing: cmake.", "apt-get install -y cmake"),
        ("gcc", "Missing: gcc.", "apt-get install -y gcc"),
        ("cargo", "Missing: Rust 1.90 or newer (cargo).", "rustup"),
        ("node", "Missing: Node.js 20.19 or newer.", "https://nodejs.org"),
        ("npm", "Missing: npm.", "apt-get install -y npm"),
        ("python3.11", "Missing: Python 3.11 or newer.", "apt-get install -y python3 python3-venv"),
    ],
)
def test_a_missing_tool_is_named_with_the_command_that_installs_it(
    machine: Path, tool: str, named: str, command: str
) -> None:
    (machine / tool).unlink()
    code, said = told(machine)
    assert code == 1
    assert said.startswith(named)
    assert command in said


@pytest.mark.parametrize(("tool", "version"), [("cargo", "cargo 1.63.0"), ("node", "v18.19.0")])
def test_what_debian_ships_is_too_old_and_said_to_be(machine: Path, tool: str, version: str) -> None:
    install(machine, tool, version)
    code, said = told(machine)
    assert code == 1
    assert "or newer" in said
