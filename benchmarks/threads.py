"""What each thread of a server spends while the room is steady: Python's share of its CPU time."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from benchmarks.cases import Case
from benchmarks.processes import Process

MEDIA_THREADS = "hoichan-media"
"""What the names of the threads that move packets begin with; every other thread of ours is Python's."""

SETTLING_SECONDS = 1.5
"""After the last join is due: the load client's own warm-up, and a little."""


class Watched:
    """For the length of a `with`: reads each thread's time when everybody has joined, and again near the end.

    It goes by the clock, not by the load client: who joins late is counted into what is steady, never out of it.
    """

    def __init__(self, process: Process, case: Case) -> None:
        self._process = process
        self._begins = case.load.participants / case.load.num_per_second + SETTLING_SECONDS
        self._lasts = max(case.seconds - 1.0, 1.0)
        self._ended = threading.Event()
        self._readings: list[dict[str, float]] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        for pause in (self._begins, self._lasts):
            if self._ended.wait(pause):
                return
            with suppress(FileNotFoundError):  # It has died, which others tell.
                self._readings.append(self._process.thread_seconds())

    def figures(self) -> dict[str, float | dict[str, float]]:
        """Seconds of CPU by thread, and Python's share of them; nothing if the server has no media threads."""
        if len(self._readings) < 2:
            return {}
        before, after = self._readings
        return shares({name: after[name] - before.get(name, 0.0) for name in after})


def shares(seconds: dict[str, float]) -> dict[str, float | dict[str, float]]:
    """`seconds` of CPU by the thread's name."""
    media = sum(spent for name, spent in seconds.items() if name.startswith(MEDIA_THREADS))
    total = sum(seconds.values())
    if media <= 0 or total <= 0:
        return {}
    return {"thread_seconds": seconds, "python_share": 1 - media / total}
