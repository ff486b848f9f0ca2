"""Our cost per forwarded packet beside this machine's limit, measured in one run: a table, JSON, and a plot.

`python -m benchmarks [--seconds S] [--rounds R] [--output DIR]`; takes about `R * 8 * (S + 4)` seconds after the build.

Server and limit run on the first core, all clients on the second; see `src/lib.rs` for how. Each round measures every
case once, limit and forwarding by turns, so that whatever else the machine does meets both. The table shows medians.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.plot import plot

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / "media" / "core" / "Cargo.toml"
SUBSCRIBERS = (10, 25, 50)
LOADED = (50, 10)
"""Subscribers and publishers of the case that loads the core: 100,000 packets a second, as one client core can read."""

TARGET_RATIO = 1.6
TARGET_DELAY_MS = 2.0
TARGET_BUSY = 0.5

DISTURBED = 0.02
"""The share of the time for which something else held a core that the benchmark wanted: above it, measure again."""

Result = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=5, help="measured time of each case (5)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each case is measured (3)")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "benchmarks", help="for the JSON and the plot")
    options = parser.parse_args()
    binaries = build()
    results = [result for _ in range(options.rounds) for result in one_round(binaries, options.seconds)]
    medians = summarise(results)
    options.output.mkdir(parents=True, exist_ok=True)
    machine = {"machine": platform.machine(), "kernel": platform.release(), "cpu": cpu_model()}
    document = {"machine": machine, "medians": medians, "runs": results}
    (options.output / "forwarding.json").write_text(json.dumps(document, indent=2) + "\n")
    plot(medians, options.output / "forwarding")
    print_table(medians)
    print(f"\nWritten: {options.output}/forwarding.json, .png, .svg")


def build() -> Path:
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", str(MANIFEST)]
    subprocess.run([*command, "--package", "hoichan-benchmarks"], check=True)
    metadata = [*command[:1], "metadata", "--format-version", "1", "--no-deps", "--manifest-path", str(MANIFEST)]
    described = json.loads(subprocess.run(metadata, check=True, capture_output=True).stdout)
    return Path(described["target_directory"]) / "release"


def one_round(binaries: Path, seconds: int) -> Iterator[Result]:
    for subscribers in SUBSCRIBERS:
        yield measure(binaries / "limit", subscribers, seconds)
        yield measure(binaries / "forwarding", subscribers, seconds)
    subscribers, publishers = LOADED
    yield measure(binaries / "forwarding", subscribers, seconds, publishers)


def measure(binary: Path, *arguments: int) -> Result:
    run = subprocess.run([binary, *map(str, arguments)], check=True, capture_output=True, text=True, timeout=120)
    result: Result = json.loads(run.stdout)
    return {"publishers": 1.0} | result


def summarise(results: list[Result]) -> list[Result]:
    """The median of every number, case by case; the spread of the cost beside it."""
    cases: dict[tuple[str, float, float], list[Result]] = {}
    for result in results:
        cases.setdefault((result["what"], result["publishers"], result["subscribers"]), []).append(result)
    return [median_of(runs) for runs in cases.values()]


def median_of(runs: list[Result]) -> Result:
    first = runs[0]
    median = {name: statistics.median(run[name] for run in runs) for name in first if isinstance(first[name], float)}
    costs = [run["cpu_us_per_packet"] for run in runs]
    texts = {name: text for name, text in first.items() if isinstance(text, str)}
    return texts | median | {"cpu_us_lowest": min(costs), "cpu_us_highest": max(costs)}


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def print_table(medians: list[Result]) -> None:
    limits = {one["subscribers"]: one["cpu_us_per_packet"] for one in medians if one["what"] == "limit"}
    print("720p, 1.7 Mbit/s per camera; CPU of the forwarding thread per packet received by a client; medians")
    print(
        "cameras subscribers | limit us | ours us (spread)     ratio | busy | delay ms p50 p99 | join ms p50 p95 | run"
    )
    for one in medians:
        if one["what"] != "forwarding":
            continue
        limit, ours = limits[one["subscribers"]], one["cpu_us_per_packet"]
        print(
            f"{one['publishers']:7.0f} {one['subscribers']:11.0f} | {limit:8.2f} | "
            f"{ours:5.2f} ({one['cpu_us_lowest']:.2f} to {one['cpu_us_highest']:.2f}) {ours / limit:8.2f} | "
            f"{one['busy']:4.0%} | {one['delay_ms_p50']:8.2f} {one['delay_ms_p99']:7.2f} | "
            f"{one['join_ms_p50']:7.1f} {one['join_ms_p95']:7.1f} | {one['packets_per_message']:.1f}"
        )
    if any(one["disturbed"] > DISTURBED for one in medians):
        print("DISTURBED: other work held the benchmark's cores; delays and join times say nothing, costs are too high")
    for line in verdicts(medians, limits):
        print(line)


def verdicts(medians: list[Result], limits: dict[float, float]) -> Iterator[str]:
    full = next(one for one in medians if one["what"] == "forwarding" and one["subscribers"] == SUBSCRIBERS[-1])
    ratio = full["cpu_us_per_packet"] / limits[full["subscribers"]]
    verdict = met(ratio <= TARGET_RATIO)
    yield f"cost at {SUBSCRIBERS[-1]} subscribers: {ratio:.2f} of the limit, aim {TARGET_RATIO}: {verdict}"
    calm = [one for one in medians if one["what"] == "forwarding" and one["busy"] <= TARGET_BUSY]
    worst = max((one["delay_ms_p99"] for one in calm), default=float("nan"))
    verdict = met(worst <= TARGET_DELAY_MS)
    yield f"worst p99 delay while at most half busy: {worst:.2f} ms, aim {TARGET_DELAY_MS}: {verdict}"


def met(is_met: bool) -> str:  # noqa: FBT001 - a verdict is a truth value
    return "met" if is_met else "MISSED"


if __name__ == "__main__":
    main()
