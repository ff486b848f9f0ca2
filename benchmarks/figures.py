"""From raw results to figures: the same names for every program, medians over the rounds, and their spread."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, float]

LOAD_FIGURES = {
    "cpu_us": "server.cpu_us_per_packet",
    "cpu_seconds": "server.cpu_seconds",
    "busy": "server.busy",
    "lost": "lost.share",
    "packets_per_second": "received.packets_per_second",
    "delay_ms_p50": "delay_ms.p50",
    "delay_ms_p99": "delay_ms.p99",
    "delay_ms_p999": "delay_ms.p999",
    "join_ms_p50": "join_ms.p50",
    "join_ms_p95": "join_ms.p95",
    "first_frame_ms_p50": "first_frame_ms.p50",
    "first_frame_ms_p95": "first_frame_ms.p95",
    "first_audio_ms_p95": "first_audio_ms.p95",
    "switch_ms_p50": "switch_ms.p50",
    "switch_ms_p95": "switch_ms.p95",
    "freezes": "video.freezes",
    "rss_kib_before": "server.rss_kib_before",
    "rss_kib_joined": "server.rss_kib_joined",
    "rss_kib_end": "server.rss_kib_end",
    "joined": "participants.joined",
    "wanted": "participants.wanted",
    "tracks_expected": "tracks.expected",
    "tracks_with_media": "tracks.with_media",
    "client_busy": "client.busy",
    "disturbed": "client.disturbed",
}
"""Ours, and where the load client's result has it."""

IN_PROCESS_FIGURES = {
    "cpu_us": "cpu_us_per_packet",
    "busy": "busy",
    "lost": "lost",
    "packets_per_second": "packets_per_second",
    "delay_ms_p50": "delay_ms_p50",
    "delay_ms_p99": "delay_ms_p99",
    "packets_per_message": "packets_per_message",
    "disturbed": "disturbed",
}
"""The same for `limit` and `forwarding`."""


MEDIA_THREADS = "hoichan-media"
"""What the names of the threads that move packets begin with."""


@dataclass(frozen=True)
class Spread:
    """One figure over the rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])


@dataclass(frozen=True)
class Summary:
    """All rounds together: the spread of each figure, by case and peer; and the failures, by case and peer."""

    figures: Mapping[tuple[str, str], Mapping[str, Spread]]
    failures: Mapping[tuple[str, str], tuple[str, ...]]

    def median(self, case: str, peer: str, figure: str) -> float | None:
        """None if it was not measured."""
        spread = self.figures.get((case, peer), {}).get(figure)
        return spread.median if spread else None

    def cases(self) -> list[str]:
        """In the order in which they were first measured."""
        return list(dict.fromkeys(case for case, _ in (*self.figures, *self.failures)))

    def peers(self, case: str | None = None) -> list[str]:
        """Those who met `case`, or any."""
        return list(dict.fromkeys(peer for name, peer in self.figures if case in {None, name}))

    def ladder(self, name: str, peer: str) -> list[tuple[int, Mapping[str, Spread]]]:
        """The steps of a ladder that `peer` stood on, lowest first: (subscribers, figures)."""
        steps = [(case, figures) for (case, who), figures in self.figures.items() if who == peer]
        prefix = f"{name}-"
        return sorted((int(case.removeprefix(prefix)), found) for case, found in steps if _is_step(case, prefix))


def _is_step(case: str, prefix: str) -> bool:
    return case.startswith(prefix) and case.removeprefix(prefix).isdigit()


def figures_of(result: Mapping[str, Any]) -> Figures:
    """Every figure that was taken; `result` as `load`, `limit` or `forwarding` printed it."""
    paths = IN_PROCESS_FIGURES if "what" in result else LOAD_FIGURES
    found = {name: _at(result, path) for name, path in paths.items()}
    found["python_share"] = python_share(_at(result, "server.thread_seconds") or {})
    return {name: float(value) for name, value in found.items() if value is not None}


def python_share(thread_seconds: Mapping[str, float]) -> float | None:
    """The part that is not spent moving packets, by the threads' names; None of a server that has none of ours."""
    media = sum(spent for name, spent in thread_seconds.items() if name.startswith(MEDIA_THREADS))
    return 1 - media / sum(thread_seconds.values()) if media > 0 else None


def _at(result: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    for part in path.split("."):
        result = result.get(part) if isinstance(result, dict) else None
    return result


def summarise(runs: Iterable[Mapping[str, Any]]) -> Summary:
    """`runs` as the runner records them: with `case`, `peer`, and either `result` or `failure`."""
    collected: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    failures: dict[tuple[str, str], list[str]] = defaultdict(list)
    for run in runs:
        key = (run["case"], run["peer"])
        if "failure" in run:
            failures[key].append(run["failure"])
            continue
        for name, value in figures_of(run["result"]).items():
            collected[key][name].append(value)
    spreads = {key: {name: Spread.of(values) for name, values in found.items()} for key, found in collected.items()}
    return Summary(spreads, {key: tuple(reasons) for key, reasons in failures.items()})


def is_saturated(figures: Figures) -> bool:
    """Whether heavier loads would say nothing more: the server loses, or somebody's core is full."""
    full = max(figures.get("busy", 0), figures.get("client_busy", 0))
    return figures.get("lost", 0) > LOSS_BOUND or full > FULL_CORE


LOSS_BOUND = 0.001
FULL_CORE = 0.97


def at_share(points: Iterable[tuple[float, float]], wanted: float) -> float | None:
    """The value where the share is `wanted`, between the two nearest of `points` (share, value); None outside them."""
    ordered = sorted(points)
    for (below, low), (above, high) in itertools.pairwise(ordered):
        if below <= wanted <= above:
            way = (wanted - below) / (above - below) if above > below else 0
            return low + way * (high - low)
    return None
