"""Where the peers come from, and what is said when one cannot be had."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cases import PROFILES
from benchmarks.peers import PEERS, building
from benchmarks.peers.building import go_program, reason_in
from benchmarks.peers.peer import Unavailable
from benchmarks.table import NAMES

GALENE = "galene-v0.0.0-20260621160059-da062e782e78"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine on which nothing was built yet, and whose first programs are those in `bin`."""
    monkeypatch.setattr(building, "BUILT", tmp_path / "built")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    go_program.cache_clear()
    yield tmp_path
    go_program.cache_clear()


def lay_go(machine: Path, script: str) -> None:
    program = machine / "bin" / "go"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_without_go_every_build_is_given_up_with_that_reason(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(empty / "bin"))
    with pytest.raises(Unavailable, match=r"v1.13.11: Go is not installed"):
        go_program("livekit")


def test_a_module_that_cannot_be_fetched_is_told_in_the_servers_own_words(empty: Path) -> None:
    lay_go(empty, "echo 'server response: This module version is not available.' >&2; exit 1")
    with pytest.raises(Unavailable, match=r"go mod download.* failed: .*This module version is not available"):
        go_program("galene")


def test_what_is_built_already_is_not_built_again(empty: Path) -> None:
    lay_go(empty, "exit 1")
    program = empty / "built" / GALENE / "galene"
    program.parent.mkdir(parents=True)
    program.touch()
    assert (go_program("galene").path, go_program("galene").version) == (program, "galene-1.1")


def test_a_source_laid_there_by_hand_is_built(empty: Path) -> None:
    lay_go(empty, 'while [ "$1" != -o ]; do shift; done; touch "$2"')
    (empty / "built" / GALENE / "source").mkdir(parents=True)
    assert go_program("galene").path.exists()


def test_what_a_project_would_fetch_while_it_is_generated_is_laid_into_its_source(empty: Path) -> None:
    lay_go(empty, 'test -f internal/core/VERSION || exit 1; while [ "$1" != -o ]; do shift; done; touch "$2"')
    (empty / "built" / "mediamtx-v1.14.0" / "source").mkdir(parents=True)
    assert go_program("mediamtx").version == "v1.14.0 without its HLS player"


def test_a_reason_names_no_place_of_this_machine_and_no_host() -> None:
    output = "go: downloading x v1\n/somewhere/go/a.go:2:2: reading https://proxy.example/x.zip: 403 Forbidden\n\n}"
    assert reason_in(output) == "…:2:2: reading … 403 Forbidden"


def test_every_peer_of_every_profile_is_known_and_has_a_name_and_settings() -> None:
    wanted = {peer for profile in PROFILES.values() for case in profile.cases for peer in case.peers}
    assert wanted <= PEERS.keys() <= NAMES.keys()
    assert all(peer.settings for peer in PEERS.values())


def test_root_is_asked_for_where_a_package_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Unavailable, match="no-such-server is not installed"):
        building.debian_package("janus", "no-such-server")
