"""The asyncio face of the media core: commands down, batches of typed events up, one wake-up per batch."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from media._core import Core, WorkerStatistics
from media.commands import Command, SendData
from media.events import Event, WorkerFault
from media.parameters import ConsumerId, DtlsFingerprint, IceCandidate, ProducerId, SpeakerGroupId, TransportId
from media.placement import DEFAULT_CROWD, Placement

_TYPE_PREFERENCE_HOST = 126
"""RFC 8445 §5.1.2.2. TCP is preferred less by 27, as libwebrtc and pion do it, so that UDP wins where it works."""
_TYPE_PREFERENCE_HOST_TCP = _TYPE_PREFERENCE_HOST - 27
_TCP_DIRECTION_PREFERENCE_PASSIVE = 4
_RTP_COMPONENT = 1

_RETRY_SECONDS = 0.001
_WAITING_DATA_LIMIT = 1024
_PUSH_LIMIT = 4096
"""The core's queue holds no more."""

EventListener = Callable[[Sequence[Event]], None]


class MediaEngine:
    """One media core with the identifiers, candidates and counters that the layers above need.

    Belongs to the event loop it was started in; no method may be called from another thread.
    """

    def __init__(self, core: Core, candidates: tuple[IceCandidate, ...], crowd: int = DEFAULT_CROWD) -> None:
        self._core = core
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[object, EventListener] = {}
        self._waiting: deque[Command] = deque()
        self._retry: asyncio.TimerHandle | None = None
        self._dropped_data = 0
        self._closed = False
        self._ids: Iterator[int] = itertools.count(1)
        self._placement = Placement(crowd)
        self.candidates = candidates
        self.fingerprint = DtlsFingerprint(algorithm="sha-256", value=core.fingerprint)
        self._loop.add_reader(core.event_fd, self._deliver)

    @classmethod
    def start(
        cls,
        *,
        udp: tuple[str, int],
        tcp: tuple[str, int] | None,
        announced_ips: Sequence[str] = (),
        workers: int = 1,
        crowd: int = DEFAULT_CROWD,
    ) -> Self:
        """Bind the sockets and start the workers. Needs a running event loop.

        Args:
            udp: Address to bind; port 0 picks a free one.
            tcp: Address for ICE over TCP (RFC 6544), or None for none.
            announced_ips: Addresses that clients can reach, most preferred first. By default the bound one.
            workers: Threads that move packets, 1 to 64. They share the ports.
            crowd: People of one room that live on one worker before the next one takes part, 1 or more.

        Raises:
            OSError: An address could not be bound; the message names it.
            ValueError: The bound address is a wildcard and nothing is announced, or an announced one is no IP address.
        """
        ips = [ipaddress.ip_address(ip) for ip in announced_ips or (udp[0],)]
        if any(ip.is_unspecified for ip in ips):
            raise ValueError(f"{udp[0]} is a wildcard: name the addresses that clients can reach")
        core = Core(udp_address=udp, tcp_address=tcp, workers=workers)
        return cls(core, _host_candidates([str(ip) for ip in ips], core.udp_port, core.tcp_port), crowd)

    def submit(self, *commands: Command) -> None:
        """Ask the core for these, in this order, after all that was asked before.

        Never blocks. What does not fit into the core's queue waits here; while more than 1024 commands wait,
        data messages are dropped and counted (`dropped_data_backlog`), since the core is not keeping up.
        """
        if self._closed:
            return
        for command in commands:
            if isinstance(command, SendData) and len(self._waiting) >= _WAITING_DATA_LIMIT:
                self._dropped_data += 1
            else:
                self._waiting.append(command)
        self._push()

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call `listener` with every batch of events from now on. Returns the undo, which may be called twice."""
        key = object()
        self._listeners[key] = listener

        def undo() -> None:
            self._listeners.pop(key, None)

        return undo

    def counters(self) -> dict[str, int]:
        """Since start, by W3C webrtc-stats names where one exists, else `dropped_<reason>`."""
        return self._core.counters() | {"dropped_data_backlog": self._dropped_data}

    def statistics(self) -> list[WorkerStatistics]:
        """Of each worker of the core, in the order of their numbers."""
        return self._core.statistics()

    def waiting_commands(self) -> int:
        """Those for which the core's queue had no room."""
        return len(self._waiting)

    def place(self, room: str) -> int:
        """The worker for one more person of `room`: its ICE username fragments must begin with that one's prefix."""
        return self._placement.place(self._loop.time(), room, self._core.statistics())

    def leave(self, room: str, worker: int) -> None:
        """Somebody of `room` who was placed on `worker` has gone."""
        self._placement.leave(room, worker)

    def vacate(self, room: str) -> None:
        """The room is closed, and its name means nothing any more."""
        self._placement.forget(room)

    def break_worker(self, worker: int) -> None:
        """For fault drills: let a worker panic. All its transports fail, and those of other workers do not notice."""
        self._core.break_worker(worker)

    def transport_id(self) -> TransportId:
        return TransportId(next(self._ids))

    def producer_id(self) -> ProducerId:
        return ProducerId(next(self._ids))

    def consumer_id(self) -> ConsumerId:
        return ConsumerId(next(self._ids))

    def speaker_group_id(self) -> SpeakerGroupId:
        return SpeakerGroupId(next(self._ids))

    async def close(self) -> None:
        """Stop the workers and close their sockets, within 2 s. Idempotent; waiting events are not delivered."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._core.event_fd)
        if self._retry is not None:
            self._retry.cancel()
        self._waiting.clear()
        self._listeners.clear()
        await self._loop.run_in_executor(None, self._core.close)

    def _push(self) -> None:
        """Hand over what fits, and come back for the rest."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if not self._waiting:
            return
        fitted = self._core.submit(list(itertools.islice(self._waiting, _PUSH_LIMIT)))
        for _ in range(fitted):
            self._waiting.popleft()
        if self._waiting:
            self._retry = self._loop.call_later(_RETRY_SECONDS, self._push)

    def _deliver(self) -> None:
        events = self._core.drain()
        if not events:
            return
        for event in events:
            if isinstance(event, WorkerFault) and event.transport is None:
                self._placement.faulted(self._loop.time(), event.worker)
        for listener in list(self._listeners.values()):
            try:
                listener(events)
            except Exception as error:  # noqa: BLE001 - one listener's fault must not starve the others
                self._loop.call_exception_handler(
                    {"message": f"listener {listener!r} failed on media events", "exception": error}
                )


def _host_candidates(ips: Sequence[str], udp_port: int, tcp_port: int | None) -> tuple[IceCandidate, ...]:
    """One UDP and, with a TCP port, one passive TCP candidate per address; all UDP ones come first."""
    found = [
        IceCandidate(
            foundation=f"u{index}",
            priority=_priority(_TYPE_PREFERENCE_HOST, 0xFFFF - index),
            ip=ip,
            port=udp_port,
            protocol="udp",
        )
        for index, ip in enumerate(ips)
    ]
    if tcp_port is not None:
        found += [
            IceCandidate(
                foundation=f"t{index}",
                priority=_priority(
                    _TYPE_PREFERENCE_HOST_TCP, (_TCP_DIRECTION_PREFERENCE_PASSIVE << 13) + 0x1FFF - index
                ),
                ip=ip,
                port=tcp_port,
                protocol="tcp",
            )
            for index, ip in enumerate(ips)
        ]
    return tuple(found)


def _priority(type_preference: int, local_preference: int) -> int:
    """RFC 8445 §5.1.2.1; the local preference of TCP follows RFC 6544 §4.2."""
    return (type_preference << 24) + (local_preference << 8) + 256 - _RTP_COMPONENT
