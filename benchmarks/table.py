"""The summary as tables: rows of texts, which the terminal and the document each draw in their own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.capacity import BUSY, Capacity, capacity
from benchmarks.figures import LOSS_BOUND, Spread, Summary

NAMES = {
    "limit": "this machine's limit",
    "core": "our core alone",
    "hoichan": "Hoichan",
    "livekit": "LiveKit",
    "livekit-batched": "LiveKit, `batch_io`",
    "livekit-bwe": "LiveKit, send-side BWE",
    "janus": "Janus",
    "janus-threads": "Janus, thread per participant",
    "galene": "Galene",
    "mediamtx": "MediaMTX",
    "naive": "aiortc's MediaRelay",
}
MISSING = "–"


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def by_case(summary: Summary, cases: Mapping[str, str], columns: Mapping[str, str]) -> Iterator[Table]:
    """A table per case that was measured: `cases` are name → title, `columns` figure → heading; a row per peer."""
    for case, title in cases.items():
        peers = [peer for peer in summary.peers(case) if columns.keys() & summary.figures[case, peer].keys()]
        rows = tuple((NAMES[peer], *(cell(summary, case, peer, name) for name in columns)) for peer in peers)
        failed = tuple(
            (NAMES[peer], f"failed: {reasons[-1]}", *("" for _ in list(columns)[1:]))
            for (name, peer), reasons in summary.failures.items()
            if name == case and peer not in peers
        )
        if rows or failed:
            yield Table(title, ("", *columns.values()), rows + failed)


def cell(summary: Summary, case: str, peer: str, figure: str) -> str:
    """The median; the spread behind it where it is what the whole suite is about."""
    spread = summary.figures.get((case, peer), {}).get(figure)
    if spread is None:
        return MISSING
    text = FORMATS.get(figure, one_decimal)(spread.median)
    return f"{text} ({spread.lowest:.2f} to {spread.highest:.2f})" if figure == "cpu_us" and is_wide(spread) else text


def is_wide(spread: Spread) -> bool:
    return spread.highest > spread.lowest


def share(value: float) -> str:
    return f"{value:.0%}"


def fine_share(value: float) -> str:
    return "0" if value == 0 else f"{value:.2%}"


def one_decimal(value: float) -> str:
    return f"{value:.1f}"


def two_decimals(value: float) -> str:
    return f"{value:.2f}"


def thousands(value: float) -> str:
    return f"{value / 1000:.0f} k"


FORMATS = {
    "busy": share,
    "client_busy": share,
    "lost": fine_share,
    "python_share": fine_share,
    "cpu_us": two_decimals,
    "delay_ms_p50": two_decimals,
    "delay_ms_p99": two_decimals,
    "delay_ms_p999": two_decimals,
    "packets_per_second": thousands,
}
COST = {
    "cpu_us": "CPU µs per packet",
    "busy": "core",
    "lost": "lost",
    "delay_ms_p50": "delay p50 ms",
    "delay_ms_p99": "p99",
    "delay_ms_p999": "p99.9",
    "packets_per_second": "packets/s",
    "client_busy": "clients' core",
}
JOINS = {
    "join_ms_p50": "join p50 ms",
    "join_ms_p95": "p95",
    "first_frame_ms_p50": "first frame p50 ms",
    "first_frame_ms_p95": "p95",
}
COST_CASES = {
    "video-50": "One 720p camera → 50 subscribers",
    "video-10": "One 720p camera → 10 subscribers",
    "video-500": "One 720p camera → 500 subscribers",
    "video-2": "One 720p camera → 2 subscribers, and what one writes first in Python",
    "audio-500": "Ten microphones, one of them speaking at a time → 500 subscribers",
    "meeting": "Fifty people, four cameras with simulcast, four microphones",
}
SWITCH_CASES = {"switching": "The same, everybody asking for another layer every two seconds"}
SWITCHES = {
    "cpu_us": "CPU µs per packet",
    "switch_ms_p50": "switch p50 ms",
    "switch_ms_p95": "p95",
    "freezes": "freezes",
}
JOIN_CASES = {
    "joins-1": "1 join/s",
    "video-50": "10 joins/s",
    "joins-10": "10 joins/s, shorter",
    "joins-50": "50 joins/s",
    "browser-1": "In Chromium, 1 join/s",
    "browser-10": "In Chromium, 10 joins/s",
}


def capacities(summary: Summary) -> Table | None:
    """What one core carries."""
    found = [(peer, capacity(summary, peer)) for peer in summary.peers()]
    rows = tuple((NAMES[peer], *_capacity_cells(one)) for peer, one in found if one is not None)
    headings = (
        "",
        f"packets/s at {BUSY:.0%} CPU",
        f"consumers before loss > {LOSS_BOUND:.1%}",
        "most packets/s",
        "core then",
    )
    return (
        Table("What one core carries: five 720p cameras to more and more subscribers", headings, rows) if rows else None
    )


def _capacity_cells(one: Capacity) -> tuple[str, ...]:
    at_busy = "not reached" if one.packets_at_busy is None else thousands(one.packets_at_busy)
    consumers = f"{'≥ ' if one.bounded else ''}{one.consumers}"
    return at_busy, consumers, thousands(one.most_packets), share(one.most_busy)


def memories(summary: Summary) -> Table | None:
    """RSS per participant, from the difference of two sizes."""
    peers = [peer for peer in summary.peers("idle-210") if peer in summary.peers("idle-10")]
    rows = tuple((NAMES[peer], *(_difference(summary, peer, *pair) for pair in MEMORY_PAIRS)) for peer in peers)
    return (
        Table("Memory of the server, for one more", ("", "idle subscriber KiB", "720p publisher KiB"), rows)
        if rows
        else None
    )


MEMORY_PAIRS = (("idle-10", "idle-210", 200), ("cameras-2", "cameras-22", 20))


def _difference(summary: Summary, peer: str, small: str, large: str, step: int) -> str:
    few, many = summary.median(small, peer, "rss_kib_end"), summary.median(large, peer, "rss_kib_end")
    return MISSING if few is None or many is None else f"{(many - few) / step:.0f}"


LINK_FIGURES = {
    "settled_seconds": "queue under 300 ms after s",
    "longest_queue_seconds": "longest queue s",
    "steady_queue_seconds": "longest after 10 s",
    "used": "link used",
    "frozen_seconds": "frozen s",
    "heard": "heard",
    "full_picture_seconds": "720p after s",
}


def links(found: Mapping[str, Any]) -> Table | None:
    """Calls over a link that narrows and widens; `found` as links.measure_links gives it."""
    rows: list[tuple[str, ...]] = []
    for peer, call in found.items():
        steps = call.get("steps", [{"step": f"not measured: {call.get('failure')}"}])
        rows += [(NAMES[peer], step["step"], *(_link_cell(step, name) for name in LINK_FIGURES)) for step in steps]
    return (
        Table("One call over a link that changes", ("", "link", *LINK_FIGURES.values()), tuple(rows)) if rows else None
    )


def _link_cell(step: Mapping[str, Any], name: str) -> str:
    value = step.get(name)
    if value is None:
        return MISSING
    return share(value) if name in {"used", "heard"} else two_decimals(value)


def all_tables(summary: Summary) -> list[Table]:
    """In the order of the document."""
    joins = list(by_case(summary, JOIN_CASES, JOINS))
    switches = list(by_case(summary, SWITCH_CASES, SWITCHES))
    tables = [*by_case(summary, COST_CASES, COST), *switches, capacities(summary), *joins, memories(summary)]
    return [table for table in tables if table is not None]
