"""What is answered on `/api/live` and `/api/live/room`, as JSON: written by the server, read by `hoichan top`."""

from __future__ import annotations

from typing import TypedDict


class Worker(TypedDict):
    """Of `media.stats.WorkerStatistics`, which documents them."""

    worker: int
    cpu_seconds: float
    busy_share: float
    transports: int
    producers: int
    consumers: int
    commands_waiting: int
    restarts: int


class RoomSummary(TypedDict):
    sid: str
    name: str
    created_at: float
    participants: int
    tracks: dict[str, int]
    subscriptions: dict[str, int]
    qualities: dict[str, int]


class Node(TypedDict):
    """`clock_seconds` is monotonic: two answers and the time between them give rates."""

    version: str
    clock_seconds: float
    event_loop_cpu_seconds: float
    workers: list[Worker]
    counters: dict[str, int]
    rooms: list[RoomSummary]


class Link(TypedDict):
    """The last report of the core on a participant's transports, at most 5 s old. Up is towards us; None is unknown."""

    round_trip_time_ms: float | None
    uplink_loss: float
    downlink_loss: float
    jitter_ms: float
    available_outgoing_bitrate_bps: int | None
    desired_outgoing_bitrate_bps: int
    """What all that the participant's client asked for would take, as far as publishers send it."""
    allocated_outgoing_bitrate_bps: int
    """What it is given of that: less only where the link carries less."""
    received_bps: float | None
    sent_bps: float | None


class Published(TypedDict):
    """Of its first codec. `layers` are the spatial layers of which something has come, of `layers_offered`."""

    track: str
    kind: str
    source: str
    mime_type: str
    muted: bool
    layers: list[int]
    layers_offered: int
    subscribers: int


class Received(TypedDict):
    """`wanted_layer` and `layer` are spatial layers, asked for and forwarded; None is none. Sizes are 0 if not told.

    `reason` is one of `live_view.Reason`.
    """

    track: str
    publisher: str
    kind: str
    source: str
    reason: str
    wanted_layer: int | None
    layer: int | None
    width: int
    height: int
    priority: int


class Participant(TypedDict):
    """`receives` is None where it was left out: ask for the participant by name. `score` is from 0.0 to 5.0."""

    sid: str
    identity: str
    name: str
    state: str
    hidden: bool
    joined_at: float
    signal: bool
    media: str
    quality: str | None
    score: float | None
    link: Link | None
    publishes: list[Published]
    receives: list[Received] | None


class Room(TypedDict):
    """`clock_seconds` is the node's."""

    sid: str
    name: str
    created_at: float
    clock_seconds: float
    participants: list[Participant]
