"""The rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import CODE, PRODUCT, ROOT, files, name_of

LONGEST_FILE = 400
TEXT = CODE | {".md", ".toml", ".json", ".yml", ".yaml", ".html", ".css", ".txt", ".mjs"}
UNSAFE = re.compile(r"^(?!\s*//).*\bunsafe\s*(?:\{|fn|impl|extern)", re.MULTILINE)
SOCKET_MODULE = "media/core/src/net/sys.rs"
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home/\w+|root|Users/\w+)/|(?<![\w.])/tmp/[\w.]")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [name_of(path) for path in files(suffixes=TEXT) if MACHINE_PATH.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_nothing_is_left_for_later_in_a_comment() -> None:
    found = [name_of(path) for path in files(*PRODUCT) if UNFINISHED.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_unsafe_rust_stays_in_the_socket_module_and_gives_its_reasons() -> None:
    rust = files("media/core/", suffixes=frozenset({".rs"}))
    assert [name_of(path) for path in rust if UNSAFE.search(path.read_text())] == [SOCKET_MODULE]
    lines = (ROOT / SOCKET_MODULE).read_text().splitlines()
    for number, line in enumerate(lines):
        if UNSAFE.match(line):
            assert any("SAFETY:" in before for before in lines[max(0, number - 8) : number + 1]), f"line {number + 1}"


def test_only_media_touches_the_compiled_core() -> None:
    python = files("signalling/", "rooms/", "media/", suffixes=frozenset({".py"}))
    importers = [name_of(path) for path in python if "_core" in imported(path)]
    assert importers
    assert all(name.startswith("media/") for name in importers)


def imported(path: Path) -> set[str]:
    """The last part of every module and name that `path` imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.rpartition(".")[2] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names} | {(node.module or "").rpartition(".")[2]}
    return names
