"""A run: who is measured when, and what is left of it when something fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cases import PROFILES, Case, Profile, camera_to, ladder
from benchmarks.runner import Record, Turn, run, turns

PAIR = Case("video-50", camera_to(50), ("hoichan", "livekit"), 2, 4, floor=("limit", "core"))


def done(todo: list[Turn], path: Path, answers: dict[tuple[str, str], dict[str, Any]]) -> list[tuple[str, str]]:
    """Runs `todo` with `answers` by case and peer; returns who was measured."""
    measured = []

    def measure(turn: Turn) -> dict[str, Any]:
        measured.append((turn.case.name, turn.peer))
        return answers.get((turn.case.name, turn.peer), {"result": {}})

    run(todo, measure, Record(path, {"begun": "now"}, "abc"), lambda _turn, _outcome: None)
    return measured


def test_the_peers_of_a_case_take_turns_and_the_limit_goes_first() -> None:
    order = [(turn.round, turn.peer) for turn in turns(Profile("one", (PAIR,)), frozenset())]
    first = [(0, "limit"), (0, "core"), (0, "hoichan"), (0, "livekit")]
    assert order == [*first, *((1, peer) for _, peer in first)]


def test_who_cannot_be_had_gets_no_turn() -> None:
    assert "livekit" not in {turn.peer for turn in turns(Profile("one", (PAIR,)), frozenset({"livekit"}))}


def test_a_failing_peer_is_recorded_and_the_rest_goes_on(tmp_path: Path) -> None:
    todo = list(turns(Profile("one", (PAIR,)), frozenset({"limit", "core"})))
    measured = done(todo, tmp_path / "record.json", {("video-50", "hoichan"): {"failure": "it fell over"}})
    assert len(measured) == len(todo)
    runs = json.loads((tmp_path / "record.json").read_text())["runs"]
    assert [one.get("failure") for one in runs] == ["it fell over", None] * 2


def test_everything_measured_so_far_is_kept_when_a_run_is_cut_off(tmp_path: Path) -> None:
    def cut_off(turn: Turn) -> dict[str, Any]:
        if turn.peer == "livekit":
            raise KeyboardInterrupt
        return {"result": {"server": {"busy": 0.1}}}

    todo = list(turns(Profile("one", (PAIR,)), frozenset({"limit", "core"})))
    with pytest.raises(KeyboardInterrupt):
        run(todo, cut_off, Record(tmp_path / "record.json", {}, "abc"), lambda _turn, _outcome: None)
    runs = json.loads((tmp_path / "record.json").read_text())["runs"]
    assert [one["peer"] for one in runs] == ["hoichan"]


@pytest.mark.parametrize("outcome", [{"result": {"lost": {"share": 0.2}}}, {"failure": "nobody could join"}])
def test_a_peer_that_is_saturated_is_spared_the_heavier_steps_of_that_round(
    tmp_path: Path, outcome: dict[str, Any]
) -> None:
    todo = list(turns(Profile("one", ladder((10, 20, 40), ("hoichan", "livekit"), 2, 4)), frozenset()))
    measured = done(todo, tmp_path / "record.json", {("ladder-20", "livekit"): outcome})
    by_peer = {peer: [case for case, who in measured if who == peer] for peer in ("hoichan", "livekit")}
    assert by_peer["hoichan"] == ["ladder-10", "ladder-20", "ladder-40"] * 2
    assert by_peer["livekit"] == ["ladder-10", "ladder-20"] * 2


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_in_a_profile_every_case_has_its_own_name(profile: Profile) -> None:
    names = [case.name for case in profile.cases]
    assert len(set(names)) == len(names)


def test_a_family_is_chosen_by_one_name() -> None:
    chosen = PROFILES["quick"].only(frozenset({"ladder"}), frozenset({"hoichan"}))
    assert chosen.cases
    assert {case.family for case in chosen.cases} == {"ladder"}


def test_a_later_run_joins_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    first = Record(path, {"command": "one", "peers": {"hoichan": {"version": "1"}}}, "abc")
    first.add("video-50", "hoichan", 0, {"result": {}})
    second = Record.joining(path, {"command": "two", "peers": {"janus": {"absent": "no"}}}, "def")
    second.add("video-50", "janus", 0, {"failure": "it fell over"})
    record = json.loads(path.read_text())
    assert [(one["peer"], one["commit"]) for one in record["runs"]] == [("hoichan", "abc"), ("janus", "def")]
    assert (record["command"], list(record["peers"])) == ("one; two", ["hoichan", "janus"])


def test_what_is_measured_again_at_another_commit_replaces_all_rounds_of_the_former(tmp_path: Path) -> None:
    path, about = tmp_path / "record.json", {"command": "one", "peers": {}}
    former = Record(path, about, "abc")
    for number in range(2):
        former.add("video-50", "hoichan", number, {"result": {}})
        former.add("video-50", "livekit", number, {"result": {}})
    latter = Record.joining(path, about, "def")
    for number in range(2):
        latter.add("video-50", "hoichan", number, {"result": {}})
    runs = json.loads(path.read_text())["runs"]
    measured = sorted((one["peer"], one["round"], one["commit"]) for one in runs)
    assert measured == [("hoichan", 0, "def"), ("hoichan", 1, "def"), ("livekit", 0, "abc"), ("livekit", 1, "abc")]
