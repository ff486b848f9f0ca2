"""Records of runs that never were, in the form in which the programs print them."""

from __future__ import annotations

from typing import Any


def run(case: str, peer: str, number: int = 0, **figures: Any) -> dict[str, Any]:
    """One measurement; `figures` are dotted paths with `__` for the dot."""
    result: dict[str, Any] = {}
    for path, value in figures.items():
        *parts, last = path.split("__")
        place = result
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return {
        "case": case,
        "peer": peer,
        "round": number,
        "at": "2026-11-23T20:00:00+00:00",
        "commit": "abc",
        "result": result,
    }


def cost(case: str, peer: str, microseconds: float, number: int = 0) -> dict[str, Any]:
    return run(case, peer, number, server__cpu_us_per_packet=microseconds)


def floor(case: str, microseconds: float) -> dict[str, Any]:
    """What `limit` prints: flat, and saying what it is."""
    return run(case, "limit", what="limit", cpu_us_per_packet=microseconds, busy=0.1)


def step(
    peer: str, subscribers: int, *, busy: float, packets: float, lost: float = 0, p99: float = 0.5
) -> dict[str, Any]:
    return run(
        f"ladder-{subscribers}",
        peer,
        server__busy=busy,
        received__packets_per_second=packets,
        lost__share=lost,
        delay_ms__p99=p99,
    )


def failure(case: str, peer: str, reason: str) -> dict[str, Any]:
    return {
        "case": case,
        "peer": peer,
        "round": 0,
        "at": "2026-11-23T20:00:00+00:00",
        "commit": "abc",
        "failure": reason,
    }
