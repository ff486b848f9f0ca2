"""`hoichan bench`: the benchmark suite, which is not part of what gets installed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import typer

from signalling.cli.failure import ExitCode, Failure

CHECKOUT = Path(__file__).parents[2]
SUITE = CHECKOUT / "benchmarks" / "__main__.py"
FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Everything that follows is the suite's to understand, `--help` too."""


def bench(context: typer.Context) -> None:
    """Measure this machine's limit, Hoichan and its peers under the same load. Needs a source checkout."""
    if not SUITE.exists():
        raise Failure(
            ExitCode.WORLD,
            "The benchmark is not part of an installed Hoichan: it builds its load client and the peers from source.",
            "In a checkout of the source, with Rust and Go: make bench",
        )
    if importlib.util.find_spec("matplotlib") is None:
        raise Failure(
            ExitCode.WORLD, "The benchmark draws with matplotlib, which is not installed; `make setup` does it."
        )
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *context.args])  # noqa: S606 - no shell is wanted
