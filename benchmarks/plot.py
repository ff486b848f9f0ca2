"""The figures as pictures, each as PNG and SVG: everything against how much there is of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.figures import Spread, Summary
from benchmarks.table import NAMES

COLOURS = {
    "limit": "tab:grey",
    "core": "tab:cyan",
    "hoichan": "tab:blue",
    "livekit": "tab:red",
    "livekit-batched": "tab:pink",
    "livekit-bwe": "tab:brown",
    "janus": "tab:green",
    "janus-threads": "tab:olive",
    "galene": "tab:orange",
    "mediamtx": "tab:purple",
    "naive": "black",
}
Curve = tuple[str, list[tuple[float, Spread]]]
"""A peer, and a figure's spread at each size."""


@dataclass(frozen=True)
class Picture:
    """One pair of axes: `curves` over `across`."""

    name: str
    title: str
    across: str
    up: str
    curves: Sequence[Curve]
    across_scale: str = "log"
    up_scale: str = "linear"


def pictures(summary: Summary) -> list[Picture]:
    """Those for which something was measured."""
    found = [
        _costs("cost", "CPU per packet, one 720p camera", "subscribers", _over(summary, "video", "cpu_us")),
        _costs("sizes", "CPU per packet against room size", "people in the room", _over(summary, "room", "cpu_us")),
        _costs(
            "rooms", "CPU per packet against the number of rooms of five", "rooms", _over(summary, "rooms", "cpu_us")
        ),
        Picture(
            "load",
            "CPU against load, five cameras",
            "subscribers",
            "% of a core",
            _over(summary, "ladder", "busy", 100),
        ),
        Picture(
            "delay", "Delay p99 against load", "CPU of the server, %", "ms", list(_delays(summary)), "linear", "log"
        ),
        Picture("joins", "First frame p95", "joins per second", "ms", _over(summary, "joins", "first_frame_ms_p95")),
    ]
    return [picture for picture in found if any(points for _, points in picture.curves)]


def _costs(name: str, title: str, across: str, curves: Sequence[Curve]) -> Picture:
    """What differs by orders of magnitude needs an axis of magnitudes."""
    return Picture(name, title, across, "µs", curves, up_scale="log")


def _over(summary: Summary, family: str, figure: str, scale: float = 1) -> list[Curve]:
    """A figure of every peer over the sizes of one family of cases."""
    curves = []
    for peer in summary.peers():
        steps = summary.ladder(family, peer)
        points = [(float(size), _scaled(found[figure], scale)) for size, found in steps if figure in found]
        if points:
            curves.append((peer, points))
    return curves


def _scaled(spread: Spread, scale: float) -> Spread:
    return Spread(spread.median * scale, spread.lowest * scale, spread.highest * scale)


def _delays(summary: Summary) -> Iterator[Curve]:
    for peer in summary.peers():
        steps = [found for _, found in summary.ladder("ladder", peer) if {"busy", "delay_ms_p99"} <= found.keys()]
        if steps:
            yield peer, [(found["busy"].median * 100, found["delay_ms_p99"]) for found in steps]


def draw_all(summary: Summary, folder: Path, prefix: str = "") -> list[str]:
    """Writes each picture into `folder`; returns their names, without suffixes."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_draw(picture, folder / f"{prefix}{picture.name}") for picture in pictures(summary)]


def _draw(picture: Picture, path: Path) -> str:
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for peer, points in picture.curves:
        _curve(axes, peer, points)
    axes.set(title=picture.title, xlabel=picture.across, ylabel=picture.up, yscale=picture.up_scale)
    if picture.up_scale == "linear":
        axes.set_ylim(bottom=0)
    if picture.across_scale == "log":
        axes.set_xscale("log")
        ticks = sorted({size for _, points in picture.curves for size, _ in points})
        axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
        axes.minorticks_off()
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    for suffix in (".png", ".svg"):
        # Without a date, so that the same figures give the same file.
        figure.savefig(path.with_suffix(suffix), dpi=120, metadata={"Date": None} if suffix == ".svg" else None)
    plt.close(figure)
    return path.name


def _curve(axes: Axes, peer: str, points: list[tuple[float, Spread]]) -> None:
    sizes = [size for size, _ in points]
    medians = [spread.median for _, spread in points]
    below = [spread.median - spread.lowest for _, spread in points]
    above = [spread.highest - spread.median for _, spread in points]
    label = NAMES[peer].replace("`", "")
    axes.errorbar(sizes, medians, yerr=[below, above], marker="o", capsize=3, color=COLOURS[peer], label=label)
