"""What one core carries, read from a ladder of rising loads."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.cases import FIVE_CAMERAS
from benchmarks.figures import LOSS_BOUND, Summary, at_share

BUSY = 0.8


@dataclass(frozen=True)
class Capacity:
    """Of one peer. `packets_at_busy` is None if no step reached it; `bounded`: the ladder ended before it did."""

    packets_at_busy: float | None
    consumers: int
    most_packets: float
    most_busy: float
    bounded: bool


def capacity(summary: Summary, peer: str) -> Capacity | None:
    """None if it stood on no step."""
    steps = [
        (subscribers, {name: spread.median for name, spread in found.items()})
        for subscribers, found in summary.ladder("ladder", peer)
        if {"busy", "lost", "packets_per_second"} <= found.keys()
    ]
    if not steps:
        return None
    sound = [(subscribers, found) for subscribers, found in steps if found["lost"] <= LOSS_BOUND]
    points = [(found["busy"], found["packets_per_second"]) for _, found in sound]
    return Capacity(
        packets_at_busy=at_share(points, BUSY),
        consumers=max((subscribers for subscribers, _ in sound), default=0) * FIVE_CAMERAS.video_publishers,
        most_packets=max((packets for _, packets in points), default=0),
        most_busy=max((busy for busy, _ in points), default=0),
        bounded=len(sound) == len(steps),
    )
