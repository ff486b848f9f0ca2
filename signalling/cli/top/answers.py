"""What the server answers on `/api/live` and `/api/live/room`, as JSON; `signalling.clinic_api.live` documents it."""

from __future__ import annotations

from typing import TypedDict


class Worker(TypedDict):
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
    version: str
    clock_seconds: float
    event_loop_cpu_seconds: float
    workers: list[Worker]
    counters: dict[str, int]
    rooms: list[RoomSummary]


class Link(TypedDict):
    round_trip_time_ms: float | None
    uplink_loss: float
    downlink_loss: float
    jitter_ms: float
    available_outgoing_bitrate_bps: int | None
    desired_outgoing_bitrate_bps: int
    allocated_outgoing_bitrate_bps: int
    received_bps: float | None
    sent_bps: float | None


class Published(TypedDict):
    track: str
    kind: str
    source: str
    mime_type: str
    muted: bool
    layers: list[int]
    layers_offered: int
    subscribers: int


class Received(TypedDict):
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
    sid: str
    name: str
    created_at: float
    clock_seconds: float
    participants: list[Participant]
