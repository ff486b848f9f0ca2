"""The targets that were set before anything was measured, and whether a run meets them. Ratios are within one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.figures import LOSS_BOUND, Summary, at_share


@dataclass(frozen=True)
class Verdict:
    """What was measured, in words; `of_aim` is measured divided by allowed, None if nothing measured decides."""

    measured: str
    of_aim: float | None = None

    @property
    def word(self) -> str:
        if self.of_aim is None:
            return "not measured"
        return "met" if self.of_aim <= 1 else f"missed by {self.of_aim - 1:.0%}"


@dataclass(frozen=True)
class Target:
    """`name` is what explanations refer to."""

    name: str
    figure: str
    aim: str
    judge: Callable[[Summary], Verdict]


NOT_MEASURED = Verdict("not in this run")
BUSY = 0.7
IDLE_STEP, CAMERA_STEP = 200, 20
"""By how many the two sizes of the memory cases differ."""


def verdicts(summary: Summary) -> list[tuple[Target, Verdict]]:
    return [(target, target.judge(summary)) for target in TARGETS]


def cost(summary: Summary, case: str, family: str) -> tuple[str, float] | None:
    """The cheapest configuration of a peer, and its µs of CPU per packet: we compare with the best that it can do."""
    found = [(name, summary.median(case, name, "cpu_us")) for name in summary.peers(case)]
    ours = [(name, us) for name, us in found if us is not None and name.split("-")[0] == family]
    return min(ours, key=lambda each: each[1], default=None)


def cost_beside(case: str, family: str, allowed: float) -> Callable[[Summary], Verdict]:
    """Ours divided by the other's, at most `allowed`."""

    def judge(summary: Summary) -> Verdict:
        ours, theirs = cost(summary, case, "hoichan"), cost(summary, case, family)
        if ours is None or theirs is None:
            return NOT_MEASURED
        ratio = ours[1] / theirs[1]
        return Verdict(f"{ours[1]:.2f} µs / {theirs[1]:.2f} µs ({theirs[0]}) = {ratio:.2f}", ratio / allowed)

    return judge


def growth(summary: Summary) -> Verdict:
    many, few = cost(summary, "video-500", "hoichan"), cost(summary, "video-10", "hoichan")
    if many is None or few is None:
        return NOT_MEASURED
    return Verdict(f"{many[1]:.2f} µs / {few[1]:.2f} µs = {many[1] / few[1]:.2f}", many[1] / few[1])


def delay_under_load(summary: Summary) -> Verdict:
    points = [
        (found["busy"].median, found["delay_ms_p99"].median)
        for _, found in summary.ladder("ladder", "hoichan")
        if {"busy", "delay_ms_p99", "lost"} <= found.keys() and found["lost"].median <= LOSS_BOUND
    ]
    if not points:
        return NOT_MEASURED
    delay = at_share(points, BUSY)
    if delay is None:
        busy, delay = min(points, key=lambda point: abs(point[0] - BUSY))
        return Verdict(f"{delay:.2f} ms at {busy:.0%}, the nearest step", None if delay <= 1 else delay)
    return Verdict(f"{delay:.2f} ms", delay)


def first_frame(summary: Summary) -> Verdict:
    ours = summary.median("video-50", "hoichan", "first_frame_ms_p95")
    theirs = summary.median("video-50", "livekit", "first_frame_ms_p95")
    if ours is None or theirs is None:
        return NOT_MEASURED
    return Verdict(f"{ours:.0f} ms / {theirs:.0f} ms", ours / theirs)


def first_frame_in_chromium(summary: Summary) -> Verdict:
    shown = summary.median("browser-10", "hoichan", "first_frame_ms_p95")
    return NOT_MEASURED if shown is None else Verdict(f"{shown:.0f} ms", shown / 500)


def memory(small: str, large: str, step: int, allowed_kib: float) -> Callable[[Summary], Verdict]:
    """What one more costs, from two sizes."""

    def judge(summary: Summary) -> Verdict:
        few = summary.median(small, "hoichan", "rss_kib_end")
        many = summary.median(large, "hoichan", "rss_kib_end")
        if few is None or many is None:
            return NOT_MEASURED
        each = (many - few) / step
        return Verdict(f"{each:.0f} KiB", each / allowed_kib)

    return judge


def python_share(summary: Summary) -> Verdict:
    share = summary.median("meeting", "hoichan", "python_share")
    return NOT_MEASURED if share is None else Verdict(f"{share:.1%}", share / 0.03)


ONE_CAMERA = "CPU per forwarded packet, 1 × 720p → 50"
MEMORY = "RSS per"
TARGETS = (
    Target("limit", ONE_CAMERA, "≤ 1.35 × limit", cost_beside("video-50", "limit", 1.35)),
    Target("livekit", ONE_CAMERA, "≤ 1/5 of LiveKit", cost_beside("video-50", "livekit", 1 / 5)),
    Target("janus", ONE_CAMERA, "≤ 1/3 of Janus", cost_beside("video-50", "janus", 1 / 3)),
    Target("mediasoup", ONE_CAMERA, "below mediasoup", cost_beside("video-50", "mediasoup", 1)),
    Target("growth", "the same, 500 subscribers vs 10", "no dearer per packet", growth),
    Target("audio", "audio room, 10 speakers → 500", "≤ 1/4 of LiveKit", cost_beside("audio-500", "livekit", 1 / 4)),
    Target("delay", "forwarding delay p99 at 70 % CPU", "≤ 1 ms", delay_under_load),
    Target("first-frame", "join → first frame, p95, at 10 joins/s", "below LiveKit's", first_frame),
    Target("chromium", "the same in Chromium", "≤ 500 ms", first_frame_in_chromium),
    Target("idle", f"{MEMORY} idle subscriber", "≤ 100 KiB", memory("idle-10", "idle-210", IDLE_STEP, 100)),
    Target("camera", f"{MEMORY} 720p publisher", "≤ 4 MiB", memory("cameras-2", "cameras-22", CAMERA_STEP, 4096)),
    Target("python", "Python's share of CPU, steady 50-party room", "≤ 3 %", python_share),
)
