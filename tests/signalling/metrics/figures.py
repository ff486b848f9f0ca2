"""A busy hour in figures: everything that can be exported occurs in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from media.events import TransportStats
from media.parameters import MediaKind
from media.stats import WorkerStatistics
from rooms.live.census import Census
from rooms.live.info import ConnectionQuality
from signalling.hosting.census import NodeCensus
from signalling.metrics.exporter import Exporter, Sources


def worker(number: int = 0, **changed: Any) -> WorkerStatistics:
    busy: dict[str, Any] = {
        "worker": number,
        "cpu_seconds": 12.5,
        "busy_share": 0.25,
        "tick_seconds": 0.0005,
        "turns": 1_000,
        "transports": 4,
        "producers": 6,
        "consumers": 20,
        "commands_waiting": 3,
        "events_waiting": 2,
        "parcels_waiting": 1,
        "restarts": 0,
        "run_lengths": [5, 4, 3, 2, 1, 0, 7],
    }
    return WorkerStatistics(**(busy | changed))


COUNTERS = {
    "packets_received": 1_000,
    "bytes_received": 900_000,
    "packets_sent": 9_000,
    "tcp_connections": 2,
    "tcp_accept_failures": 5,
    "datagrams_passed_on": 6,
    "recovered_packets": 7,
    "something_new": 4,
    "dropped_bad_tag": 3,
    "dropped_replayed": 1,
}


AUDIO: MediaKind = "audio"
VIDEO: MediaKind = "video"

FULL = Sources(
    version="0.1.0",
    counters=lambda: COUNTERS,
    workers=lambda: [worker(), worker(1)],
    waiting_commands=lambda: 5,
    census=lambda: NodeCensus(
        rooms=3,
        people=Census(
            participants=12,
            tracks=Counter({AUDIO: 8, VIDEO: 5}),
            subscriptions=Counter({AUDIO: 70, VIDEO: 40}),
            qualities=Counter({ConnectionQuality.GOOD: 9, ConnectionQuality.POOR: 2}),
        ),
        starved=1,
    ),
    events=Counter(malformed_frame=2),
    messages=Counter({("received", "offer"): 6, ("sent", "answer"): 6}),
    webhooks=Counter(delivered=20, given_up=1),
    thread_cpu=lambda: 7.25,
)


def busy(**changed: Any) -> Exporter:
    """An exporter whose sources are full; `changed` ones are others."""
    return Exporter(replace(FULL, **changed))


def report(**changed: Any) -> TransportStats:
    quiet: dict[str, Any] = {
        "transport": 1,
        "uplink_loss": 0.0,
        "downlink_loss": 0.0,
        "round_trip_time_ms": None,
        "jitter_ms": 0.0,
        "bytes_received": 0,
        "bytes_sent": 0,
        "packets_received": 0,
        "packets_sent": 0,
        "available_outgoing_bitrate_bps": None,
        "desired_outgoing_bitrate_bps": 0,
        "allocated_outgoing_bitrate_bps": 0,
    }
    return TransportStats(**(quiet | changed))
