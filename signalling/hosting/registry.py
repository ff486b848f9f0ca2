"""All rooms of this node, by name, and which of them the core's events are for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from media.commands import AddProducer, CloseTransport, Command, CreateTransport, RemoveProducer
from media.events import (
    AudioLevels,
    CommandFailed,
    ConsumerStreamState,
    DataChannelClosed,
    DataChannelOpened,
    DataReceived,
    Event,
    TransportConnected,
    TransportDisconnected,
    TransportFailed,
    TransportReconnected,
    TransportStats,
    WorkerFault,
)
from media.parameters import ProducerId, TransportId
from media.stats import LatestStats
from rooms.live.admin_actions import AdminAction, AdminOutcome, Failure, FailureKind
from rooms.live.census import Census
from rooms.live.effects import DataForNobody, Fact
from rooms.live.ids import NO_NAME, Identity, SidGenerator
from rooms.live.info import ParticipantInfo, RoomInfo
from rooms.live.limits import Limits
from rooms.live.room import Room
from rooms.live.state import Timeouts
from signalling.auth.tokens import TokenAuthority
from signalling.client.local_media import LocalMedia
from signalling.client.websocket import Way
from signalling.hosting import live_answers
from signalling.hosting.census import NodeCensus
from signalling.hosting.room_host import RoomHost
from signalling.hosting.rooms import RoomOptions, TooManyRoomsError
from signalling.hosting.surroundings import Clock, Core, Surroundings

_logger = logging.getLogger(__name__)

_OF_TRANSPORT = (
    TransportConnected,
    TransportDisconnected,
    TransportReconnected,
    TransportFailed,
    ConsumerStreamState,
    DataChannelOpened,
    DataChannelClosed,
    DataReceived,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDefaults:
    """What a room is like unless a token or CreateRoom asks for something stricter."""

    max_rooms: int
    timeouts: Timeouts
    limits: Limits
    dynacast: bool = True


class RoomRegistry:
    """Implements `RoomAdministration`. A room is opened when it is first needed, and forgotten when it closes."""

    def __init__(
        self,
        *,
        core: Core,
        media: LocalMedia,
        authority: TokenAuthority,
        node: str,
        defaults: RoomDefaults,
        sids: SidGenerator,
        clock: Clock,
        unix_clock: Callable[[], float],
    ) -> None:
        self.counters: Counter[str] = Counter()
        self.messages: Counter[tuple[Way, str]] = Counter()
        self._stats = LatestStats()
        self._defaults = defaults
        self._sids = sids
        self._hosts: dict[str, RoomHost] = {}
        self._transports: dict[TransportId, RoomHost] = {}
        self._producers: dict[ProducerId, RoomHost] = {}
        self._listeners: list[Callable[[Fact], None]] = []
        self._data_listeners: list[Callable[[str, DataForNobody], None]] = []
        self._surroundings = Surroundings(
            core=core,
            media=media,
            authority=authority,
            node=node,
            clock=clock,
            unix_clock=unix_clock,
            counters=self.counters,
            on_fact=self._tell,
            on_unclaimed=self._pass_on,
            on_commands=self._note,
            on_closed=self._forget,
        )

    def host(self, name: str) -> RoomHost | None:
        return self._hosts.get(name)

    def open(self, name: str, options: RoomOptions) -> RoomHost:
        """The room of that name, opened if need be. Raises `TooManyRoomsError`."""
        host = self._hosts.get(name)
        if host is not None:
            return host
        if len(self._hosts) >= self._defaults.max_rooms:
            raise TooManyRoomsError(f"this server has {self._defaults.max_rooms} rooms already")
        room, effects = Room.open(
            self._surroundings.clock.time(),
            name=name,
            metadata=options.metadata or "",
            unix_now=self._surroundings.unix_clock(),
            sids=self._sids,
            timeouts=_timeouts(self._defaults.timeouts, options),
            limits=_limits(self._defaults.limits, options),
            dynacast=self._defaults.dynacast,
        )
        host = self._hosts[name] = RoomHost(room, effects, self._surroundings)
        _logger.info("room opened", extra={"room": name, "sid": room.info().sid})
        return host

    def create(self, name: str, options: RoomOptions) -> RoomInfo:
        return self.open(name, options).info()

    def list(self, names: Sequence[str] = ()) -> list[RoomInfo]:
        return [host.info() for name, host in self._hosts.items() if not names or name in names]

    def participants(self, room: str) -> tuple[ParticipantInfo, ...] | None:
        host = self._hosts.get(room)
        return None if host is None else host.participants()

    def administer(self, room: str, action: AdminAction) -> AdminOutcome:
        host = self._hosts.get(room)
        if host is None:
            return Failure(FailureKind.NOT_FOUND, "there is no such room")
        return host.administer(action)

    def watch(self, listener: Callable[[Fact], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def overhear(self, listener: Callable[[str, DataForNobody], None]) -> None:
        self._data_listeners.append(listener)

    def view(self, room: str, first: Identity = NO_NAME) -> live_answers.Room | None:
        """What was decided about everybody in `room`, and why; None if there is no such room."""
        host = self._hosts.get(room)
        return None if host is None else host.view(first, self._stats)

    def censuses(self) -> Sequence[tuple[RoomInfo, Census]]:
        """Of each room."""
        return [(host.info(), host.room.census()) for host in self._hosts.values()]

    def census(self) -> NodeCensus:
        """Of all rooms together."""
        return NodeCensus(
            rooms=len(self._hosts),
            people=sum((host.room.census() for host in self._hosts.values()), Census()),
            starved=sum(consumer.starved for consumer in self._stats.all_consumers()),
        )

    def handle(self, batch: Sequence[Event]) -> None:
        """Give each of the core's events to the room it is for; statistics, which come in crowds, last and together."""
        self._stats.handle(batch)
        measured: dict[RoomHost, list[TransportStats]] = {}
        for event in batch:
            if isinstance(event, _OF_TRANSPORT):
                self._report(TransportId(event.transport), event)
            elif isinstance(event, TransportStats):
                host = self._transports.get(TransportId(event.transport))
                if host is not None:
                    measured.setdefault(host, []).append(event)
            elif isinstance(event, AudioLevels):
                self._hear(event)
            elif isinstance(event, CommandFailed):
                self._command_failed(event)
            elif isinstance(event, WorkerFault):
                _logger.error("media core: %s", event.message, extra={"transport": event.transport})
        for host, reports in measured.items():
            host.measured(reports)

    def shut_down(self) -> None:
        """Tell everybody that the server stops, and close all rooms."""
        for host in list(self._hosts.values()):
            host.shut_down()

    def _report(self, transport: TransportId, event: Event) -> None:
        host = self._transports.get(transport)
        if host is not None:
            host.report(transport, event)

    def _hear(self, heard: AudioLevels) -> None:
        by_host: dict[RoomHost, list[tuple[ProducerId, float]]] = {}
        for number, level in heard.levels:
            producer = ProducerId(number)
            host = self._producers.get(producer)
            if host is not None:
                by_host.setdefault(host, []).append((producer, level))
        for host, levels in by_host.items():
            host.hear(levels)

    def _command_failed(self, failed: CommandFailed) -> None:
        """A transport that failed meanwhile explains most of these; what the peer can cause is only counted."""
        self.counters[f"command_failed_{failed.command}"] += 1
        _logger.debug("media core: %s %s failed: %s", failed.command, failed.id, failed.reason)
        if failed.command == "ConnectTransport":
            self._report(TransportId(failed.id), failed)

    def _note(self, host: RoomHost, commands: Sequence[Command]) -> None:
        """Remember whose events will come of these commands."""
        self._stats.asked(commands)
        for command in commands:
            match command:
                case CreateTransport(transport=transport):
                    self._transports[transport] = host
                case CloseTransport(transport=transport):
                    self._transports.pop(transport, None)
                case AddProducer(producer=producer):
                    self._producers[producer] = host
                case RemoveProducer(producer=producer):
                    self._producers.pop(producer, None)
                case _:
                    pass

    def _tell(self, fact: Fact) -> None:
        for listener in self._listeners:
            listener(fact)

    def _pass_on(self, room: str, data: DataForNobody) -> None:
        for listener in self._data_listeners:
            listener(room, data)

    def _forget(self, host: RoomHost) -> None:
        if self._hosts.get(host.name) is host:
            del self._hosts[host.name]
            self._surroundings.core.vacate(host.name)
            _logger.info("room closed", extra={"room": host.name})


def _timeouts(defaults: Timeouts, options: RoomOptions) -> Timeouts:
    return replace(
        defaults,
        empty=options.empty_timeout_seconds or defaults.empty,
        departure=options.departure_timeout_seconds or defaults.departure,
    )


def _limits(defaults: Limits, options: RoomOptions) -> Limits:
    """A room may ask for fewer people than the node takes, never for more."""
    asked = options.max_participants or defaults.max_participants
    return replace(
        defaults, max_participants=min(asked, defaults.max_participants) if defaults.max_participants else asked
    )
