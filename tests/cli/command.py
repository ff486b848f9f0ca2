"""The command as a person runs it: a process of its own, with an environment that holds nothing by accident."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEYS = {"HOICHAN_AUTH_API_KEYS": "ward: 7kP2vQ9xWmZ4rT8sLbN1cD6fGhJ3yXaE"}


def hoichan(*arguments: str, environment: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    """Runs `hoichan ARGUMENTS`; the caller looks at the exit code."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOICHAN_")}
    return subprocess.run(
        [sys.executable, "-m", "signalling.cli", *arguments],
        cwd=ROOT,
        env={**inherited, "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
