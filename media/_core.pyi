"""Types of the compiled media core. `Core` is driven by `media.engine` and by nothing else."""

from typing import Literal, final

from media.commands import Command

@final
class TransportConnected:
    """ICE pair nominated, DTLS done, fingerprint verified: media and data may flow."""
    transport: int
    srtp_profile: str
    """"AEAD_AES_128_GCM", "AEAD_AES_256_GCM" or "AES128_CM_SHA1_80"."""
    protocol: Literal["udp", "tcp"]

@final
class TransportDisconnected:
    """No authenticated sign of the peer for 5 s. It may come back by itself (TransportReconnected)."""
    transport: int

@final
class TransportReconnected:
    """The peer is back: same keys, perhaps another address."""
    transport: int

@final
class TransportFailed:
    """Final. The core has dropped the transport with its producers and consumers."""
    transport: int
    reason: Literal["consent-expired", "dtls-failed", "fingerprint-mismatch", "closed-by-peer", "fault", "timeout"]

@final
class ProducerStarted:
    """First authenticated RTP packet of one layer."""
    producer: int
    spatial_layer: int

@final
class AudioLevels:
    """Who was audible in the last window of 400 ms: (producer, level 0.0 to 1.0), loudest first. RFC 6464 levels."""
    levels: list[tuple[int, float]]

@final
class ConsumerLayerChanged:
    """The layer now forwarded, or None when nothing is."""
    consumer: int
    spatial_layer: int | None

@final
class DataChannelOpened:
    transport: int
    label: str

@final
class DataChannelClosed:
    transport: int
    label: str

@final
class DataReceived:
    transport: int
    label: str
    payload: bytes

@final
class TransportStats:
    """Every 5 s per connected transport. Ratios are of the last 5 s, 0.0 to 1.0; rtt None before the first report."""
    transport: int
    uplink_loss: float
    downlink_loss: float
    round_trip_time_ms: float | None
    jitter_ms: float
    bytes_received: int
    bytes_sent: int
    packets_received: int
    packets_sent: int

@final
class CommandFailed:
    command: str
    id: int
    reason: str

@final
class WorkerFault:
    """A panic, contained to one transport (which also fails). Ours to mend."""
    transport: int | None
    message: str

Event = (
    TransportConnected
    | TransportDisconnected
    | TransportReconnected
    | TransportFailed
    | ProducerStarted
    | AudioLevels
    | ConsumerLayerChanged
    | DataChannelOpened
    | DataChannelClosed
    | DataReceived
    | TransportStats
    | CommandFailed
    | WorkerFault
)

@final
class Core:
    """One worker thread with one UDP and one TCP port. Never calls back into Python."""

    def __new__(cls, *, udp_address: tuple[str, int], tcp_address: tuple[str, int] | None) -> Core:
        """Bind and start. Port 0 picks one. Raises OSError naming the address that could not be bound."""

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
        """Since start, by W3C webrtc-stats names where one exists, else `dropped_<reason>`."""

    def close(self) -> None:
        """Stop the worker and close the sockets; idempotent; returns when the thread has ended."""
