"""Types of the compiled media core. `Core` is driven by `media.engine` and by nothing else."""

from typing import Literal, Self, TypeAlias, final

from media.commands import Command

__all__ = [
    "AudioLevels",
    "CommandFailed",
    "ConsumerLayerChanged",
    "ConsumerStreamState",
    "Core",
    "DataChannelClosed",
    "DataChannelOpened",
    "DataReceived",
    "Event",
    "ProducerStarted",
    "TransportConnected",
    "TransportDisconnected",
    "TransportFailed",
    "TransportReconnected",
    "TransportStats",
    "WorkerFault",
    "WorkerStatistics",
]

@final
class TransportConnected:
    """ICE pair nominated, DTLS done, fingerprint verified: media and data may flow."""

    __match_args__ = ("transport", "srtp_profile", "protocol")
    transport: int
    srtp_profile: str
    """"AEAD_AES_128_GCM", "AEAD_AES_256_GCM" or "AES128_CM_SHA1_80"."""
    protocol: Literal["udp", "tcp"]
    def __new__(cls, *, transport: int, srtp_profile: str, protocol: Literal["udp", "tcp"]) -> Self: ...

@final
class TransportDisconnected:
    """No authenticated sign of the peer for 7 s. It may come back by itself (TransportReconnected)."""

    __match_args__ = ("transport",)
    transport: int
    def __new__(cls, *, transport: int) -> Self: ...

@final
class TransportReconnected:
    """The peer is back: same keys, perhaps another address."""

    __match_args__ = ("transport",)
    transport: int
    def __new__(cls, *, transport: int) -> Self: ...

@final
class TransportFailed:
    """Final. The core has dropped the transport with its producers and consumers."""

    __match_args__ = ("transport", "reason")
    transport: int
    reason: Literal["consent-expired", "dtls-failed", "fingerprint-mismatch", "closed-by-peer", "fault", "timeout"]
    def __new__(
        cls,
        *,
        transport: int,
        reason: Literal["consent-expired", "dtls-failed", "fingerprint-mismatch", "closed-by-peer", "fault", "timeout"],
    ) -> Self: ...

@final
class ProducerStarted:
    """First authenticated RTP packet of one layer."""

    __match_args__ = ("producer", "spatial_layer")
    producer: int
    spatial_layer: int
    def __new__(cls, *, producer: int, spatial_layer: int) -> Self: ...

@final
class AudioLevels:
    """Who was audible in the last window of 400 ms: (producer, level 0.0 to 1.0), loudest first. RFC 6464 levels."""

    __match_args__ = ("levels",)
    levels: list[tuple[int, float]]
    def __new__(cls, *, levels: list[tuple[int, float]]) -> Self: ...

@final
class ConsumerLayerChanged:
    """The layer now forwarded, or None when nothing is."""

    __match_args__ = ("consumer", "spatial_layer")
    consumer: int
    spatial_layer: int | None
    def __new__(cls, *, consumer: int, spatial_layer: int | None) -> Self: ...

@final
class ConsumerStreamState:
    """The subscriber's link does not carry even the least layer of this video, or carries it again.

    Told of changes only; a consumer begins as not paused.
    """

    __match_args__ = ("transport", "consumer", "paused")
    transport: int
    consumer: int
    paused: bool
    def __new__(cls, *, transport: int, consumer: int, paused: bool) -> Self: ...

@final
class DataChannelOpened:
    __match_args__ = ("transport", "label")
    transport: int
    label: str
    def __new__(cls, *, transport: int, label: str) -> Self: ...

@final
class DataChannelClosed:
    __match_args__ = ("transport", "label")
    transport: int
    label: str
    def __new__(cls, *, transport: int, label: str) -> Self: ...

@final
class DataReceived:
    __match_args__ = ("transport", "label", "payload")
    transport: int
    label: str
    payload: bytes
    def __new__(cls, *, transport: int, label: str, payload: bytes) -> Self: ...

@final
class TransportStats:
    """Every 5 s per connected transport. Ratios are of the last 5 s, 0.0 to 1.0; rtt None before the first report."""

    __match_args__ = (
        "transport",
        "uplink_loss",
        "downlink_loss",
        "round_trip_time_ms",
        "jitter_ms",
        "bytes_received",
        "bytes_sent",
        "packets_received",
        "packets_sent",
        "available_outgoing_bitrate_bps",
        "desired_outgoing_bitrate_bps",
        "allocated_outgoing_bitrate_bps",
    )
    transport: int
    uplink_loss: float
    downlink_loss: float
    round_trip_time_ms: float | None
    jitter_ms: float
    bytes_received: int
    bytes_sent: int
    packets_received: int
    packets_sent: int
    available_outgoing_bitrate_bps: int | None
    """What the link towards the peer is estimated to carry; None while the peer gives no feedback."""
    desired_outgoing_bitrate_bps: int
    """What all that the peer wishes for would take, as far as publishers send it."""
    allocated_outgoing_bitrate_bps: int
    """What it has been given of that."""
    def __new__(
        cls,
        *,
        transport: int,
        uplink_loss: float,
        downlink_loss: float,
        round_trip_time_ms: float | None,
        jitter_ms: float,
        bytes_received: int,
        bytes_sent: int,
        packets_received: int,
        packets_sent: int,
        available_outgoing_bitrate_bps: int | None,
        desired_outgoing_bitrate_bps: int,
        allocated_outgoing_bitrate_bps: int,
    ) -> Self: ...

@final
class CommandFailed:
    __match_args__ = ("command", "id", "reason")
    command: str
    id: int
    reason: str
    def __new__(cls, *, command: str, id: int, reason: str) -> Self: ...  # noqa: A002 - the field's name

@final
class WorkerFault:
    """A panic, contained to one transport, or else to one worker: what it ended fails as well. Ours to mend."""

    __match_args__ = ("worker", "transport", "message")
    worker: int
    transport: int | None
    message: str
    def __new__(cls, *, worker: int, transport: int | None, message: str) -> Self: ...

Event: TypeAlias = (
    TransportConnected
    | TransportDisconnected
    | TransportReconnected
    | TransportFailed
    | ProducerStarted
    | AudioLevels
    | ConsumerLayerChanged
    | ConsumerStreamState
    | DataChannelOpened
    | DataChannelClosed
    | DataReceived
    | TransportStats
    | CommandFailed
    | WorkerFault
)

@final
class WorkerStatistics:
    """How one worker fares. Gauges are at most 50 ms old while there is traffic; totals run on over its restarts."""

    __match_args__ = (
        "worker",
        "cpu_seconds",
        "busy_share",
        "tick_seconds",
        "turns",
        "transports",
        "producers",
        "consumers",
        "commands_waiting",
        "events_waiting",
        "parcels_waiting",
        "restarts",
        "run_lengths",
    )
    worker: int
    cpu_seconds: float
    """CPU time of its thread, user and system."""
    busy_share: float
    """Share of the last 100 ms spent at work, 0.0 to 1.0."""
    tick_seconds: float
    """How long it lets datagrams gather at present, 0 to 1 ms."""
    turns: int
    """Times it woke up."""
    transports: int
    producers: int
    consumers: int
    commands_waiting: int
    """Of 4096."""
    events_waiting: int
    """Control events for which Python's queue had no room."""
    parcels_waiting: int
    """Batches from other workers that it has not taken yet."""
    restarts: int
    """Times it was replaced after a fault."""
    run_lengths: list[int]
    """Messages sent over UDP by datagrams in each: 1, 2, 3 to 4, 5 to 8, 9 to 16, 17 to 32, 33 to 64."""
    def __new__(
        cls,
        *,
        worker: int,
        cpu_seconds: float,
        busy_share: float,
        tick_seconds: float,
        turns: int,
        transports: int,
        producers: int,
        consumers: int,
        commands_waiting: int,
        events_waiting: int,
        parcels_waiting: int,
        restarts: int,
        run_lengths: list[int],
    ) -> Self: ...

@final
class Core:
    """Worker threads with one UDP and one TCP port in common. Never calls back into Python.

    A transport lives on one worker: the first character of its username fragment says which (see
    `media.placement.fragment_prefix`). What is sent on it may come from a producer on any.
    """

    def __new__(cls, *, udp_address: tuple[str, int], tcp_address: tuple[str, int] | None, workers: int = 1) -> Core:
        """Bind and start. Port 0 picks one. Raises OSError naming the address that could not be bound.

        `workers` is 1 to 64.
        """

    @property
    def fingerprint(self) -> str: ...
    @property
    def udp_port(self) -> int: ...
    @property
    def tcp_port(self) -> int | None: ...
    @property
    def event_fd(self) -> int:
        """Readable when events wait; `drain` resets it."""

    def submit(self, commands: list[Command]) -> int:
        """Queue commands; returns how many fitted (the rest must be submitted again after the next drain)."""

    def drain(self) -> list[Event]: ...
    def counters(self) -> dict[str, int]:
        """Since start, by W3C webrtc-stats names where one exists, else `dropped_<reason>`. Of all workers together."""

    def statistics(self) -> list[WorkerStatistics]:
        """Of each worker, in the order of their numbers."""

    def break_worker(self, worker: int) -> None:
        """For fault drills: let a worker panic where nothing contains it. All its transports fail."""

    def close(self) -> None:
        """Stop the workers and close the sockets; idempotent; returns when the threads have ended, or after 2 s."""
