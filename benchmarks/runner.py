"""One run of the whole suite: peers by turns, round after round, each on a fresh server, every result kept at once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cases import Case, Profile
from benchmarks.figures import figures_of, is_saturated
from benchmarks.peers import PEERS
from benchmarks.peers.peer import Unavailable
from benchmarks.processes import NotStarted, without_places
from benchmarks.programs import Failed, Programs

IN_PROCESS = {"limit": "limit", "core": "forwarding"}
"""What is measured without a server, and the program that does."""


Outcome = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """One measurement that is to be made."""

    round: int
    case: Case
    peer: str


Measure = Callable[[Turn], Outcome]


@dataclass
class Record:
    """What a run leaves behind; written again after each turn, so that an interrupted run is one with fewer turns."""

    path: Path
    about: dict[str, Any]
    commit: str
    """What is measured now; each run keeps that of its own."""
    runs: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def joining(cls, path: Path, about: dict[str, Any], commit: str) -> Record:
        """A record that goes on from what an earlier run has left there, if any has."""
        if not path.exists():
            return cls(path, about, commit)
        earlier = json.loads(path.read_text())
        runs = earlier.pop("runs")
        commands = f"{earlier['command']}; {about['command']}"
        return cls(path, earlier | {"command": commands, "peers": earlier["peers"] | about["peers"]}, commit, runs)

    def add(self, case: str, peer: str, number: int, outcome: Outcome) -> None:
        """Keeps the outcome of round `number`, in place of what another commit did: no median is of two programs."""
        place = {"case": case, "peer": peer}
        self.runs = [run for run in self.runs if not place.items() <= run.items() or run["commit"] == self.commit]
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.runs.append(place | {"round": number, "at": at, "commit": self.commit} | outcome)
        self.save()

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        beside.write_text(json.dumps(self.about | {"runs": self.runs}, indent=1) + "\n")
        beside.replace(self.path)


def turns(profile: Profile, absent: frozenset[str]) -> Iterator[Turn]:
    """Round by round, so that whatever else the machine does meets everybody; within a case the peers take turns."""
    for number in range(max((case.rounds for case in profile.cases), default=0)):
        for case in profile.cases:
            if number < case.rounds:
                yield from (Turn(number, case, who) for who in (*case.floor, *case.peers) if who not in absent)


def prepare(profile: Profile, tell: Callable[[str], None]) -> dict[str, dict[str, str]]:
    """Builds every peer that `profile` needs. For each: `settings`, and `version` or the reason why it is `absent`."""
    wanted = dict.fromkeys(peer for case in profile.cases for peer in case.peers)
    found = {}
    for name in wanted:
        peer = PEERS[name]
        tell(f"preparing {name}")
        try:
            found[name] = {"settings": peer.settings, "version": peer.prepare()}
        except Unavailable as reason:
            found[name] = {"settings": peer.settings, "absent": str(reason)}
    return found


def run(todo: Iterable[Turn], measure: Measure, record: Record, tell: Callable[[Turn, Outcome], None]) -> None:
    """Makes all measurements of `todo`. What fails is recorded like what succeeds; nothing stops the rest."""
    spared: set[tuple[int, str, str]] = set()
    for turn in todo:
        place = (turn.round, turn.case.family, turn.peer)
        if turn.case.climbs and place in spared:
            tell(turn, {"failure": "spared: saturated before"})
            continue
        outcome = measure(turn)
        if "failure" in outcome or is_saturated(figures_of(outcome["result"])):
            spared.add(place)
        record.add(turn.case.name, turn.peer, turn.round, outcome)
        tell(turn, outcome)


def measured(turn: Turn, programs: Programs) -> Outcome:
    """One measurement: `result`, as the program printed it, or `failure`, a sentence."""
    try:
        if turn.peer in IN_PROCESS:
            return {"result": programs.in_process(IN_PROCESS[turn.peer], turn.case)}
        return {"result": _at_peer(turn, programs)}
    except (Failed, NotStarted, Unavailable) as failure:
        return {"failure": without_places(str(failure))}


def _at_peer(turn: Turn, programs: Programs) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{turn.peer}-"))
    try:
        running = PEERS[turn.peer].start(folder)
        try:
            result = programs.load(running, turn.case)
            if running.process.has_ended():
                raise Failed(f"{turn.peer} died; it said: {running.process.last_words()}")
            return result
        finally:
            running.process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
