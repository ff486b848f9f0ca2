"""The table as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def plot(medians: list[dict[str, Any]], path: Path) -> None:
    """Writes `path` with .png and .svg: cost beside the limit, and delay, over the number of subscribers."""
    figure, (cost, delay) = plt.subplots(1, 2, figsize=(10, 4))
    for what, colour in (("limit", "tab:grey"), ("forwarding", "tab:blue")):
        runs = sorted(
            (one for one in medians if one["what"] == what and one["publishers"] == 1),
            key=lambda one: float(one["subscribers"]),
        )
        subscribers = [one["subscribers"] for one in runs]
        median = [one["cpu_us_per_packet"] for one in runs]
        below = [one["cpu_us_per_packet"] - one["cpu_us_lowest"] for one in runs]
        above = [one["cpu_us_highest"] - one["cpu_us_per_packet"] for one in runs]
        cost.errorbar(subscribers, median, yerr=[below, above], marker="o", capsize=3, color=colour, label=what)
        delay.plot(subscribers, [one["delay_ms_p50"] for one in runs], color=colour, marker="o", label=f"{what}, p50")
        delay.plot(subscribers, [one["delay_ms_p99"] for one in runs], color=colour, marker="v", label=f"{what}, p99")
    cost.set(title="CPU per forwarded packet", xlabel="subscribers", ylabel="µs", ylim=(0, None))
    delay.set(title="Delay through the server", xlabel="subscribers", ylabel="ms", ylim=(0, None))
    for axes in (cost, delay):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.suptitle("One 720p camera at 1.7 Mbit/s, loopback; bars span the rounds")
    figure.tight_layout()
    for suffix in (".png", ".svg"):
        figure.savefig(path.with_suffix(suffix), dpi=120)
    plt.close(figure)
