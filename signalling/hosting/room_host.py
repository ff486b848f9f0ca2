"""The actor of one room: applies what happens to its room and sessions, and performs what they ask for.

A step never waits, so that steps of one event loop cannot overlap: no inbox is needed, hence none can fill up. A client
that sends faster than we apply is slowed down by its own connection, which is read one message a turn.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from livekit.protocol import rtc

from media.commands import CloseTransport, Command, RankProducer, SendData
from media.events import Event as MediaEvent
from media.events import TransportStats
from media.parameters import ProducerId, SpeakerGroup, TransportId
from media.stats import LatestStats
from rooms.live import events
from rooms.live.admin_actions import AdminAction, AdminOutcome, Failure, FailureKind
from rooms.live.effects import (
    Administered,
    Admitted,
    Announce,
    Closed,
    DataForNobody,
    DataRefused,
    DeliverData,
    Effect,
    Fact,
    Notify,
    RankMicrophone,
    Refusal,
    Refused,
    Resumed,
    Welcome,
)
from rooms.live.ids import Identity, ParticipantSid, RequestId, Seconds
from rooms.live.info import ParticipantInfo, RoomInfo
from rooms.live.room import Room
from signalling.auth.grants import Grants
from signalling.auth.tokens import AccessToken
from signalling.client import data_packets, responses
from signalling.client.data_channels import LOSSY, RELIABLE
from signalling.client.join_message import Roster
from signalling.client.session import (
    Announced,
    ClientProfile,
    ConnectionLost,
    Notified,
    Reported,
    Requested,
    Session,
    SessionEvent,
    Timeout,
)
from signalling.client.session_effects import AskCore, Count, HangUp, RenewToken, Send, SessionEffect, TellRoom
from signalling.hosting import live_answers
from signalling.hosting.alarms import Alarms
from signalling.hosting.connection import Connection
from signalling.hosting.live_view import MOST_SUBSCRIPTIONS, Transports, participant_view
from signalling.hosting.surroundings import Surroundings, Timer

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Seat:
    """A session and what hangs on it. `connection` is None while the client has none."""

    session: Session
    token: AccessToken
    connection: Connection | None
    worker: int
    transports: set[TransportId] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Arriving:
    """Somebody whose joining or resuming is being decided in this very step."""

    connection: Connection
    token: AccessToken
    profile: ClientProfile


class RoomHost:
    def __init__(self, room: Room, opening: list[Effect], surroundings: Surroundings) -> None:
        self.room = room
        self.name = room.info().name
        self._surroundings = surroundings
        self._speakers = surroundings.media.speaker_group_id()
        self._seats: dict[ParticipantSid, Seat] = {}
        self._owners: dict[TransportId, ParticipantSid] = {}
        self._roster = Roster()
        self._happened: deque[events.Event] = deque()
        self._commands: list[Command] = []
        self._touched: set[ParticipantSid] = set()
        self._alarms = Alarms()
        self._arriving: _Arriving | None = None
        self._outcome: ParticipantSid | Refusal | AdminOutcome | None = None
        self._timer: tuple[Seconds, Timer] | None = None
        self._step(opening)

    def info(self) -> RoomInfo:
        return self.room.info()

    def participants(self) -> tuple[ParticipantInfo, ...]:
        return self.room.participants()

    def view(self, first: Identity, stats: LatestStats) -> live_answers.Room:
        """Everybody, hidden ones too. In large rooms some lack what they receive, but not `first`."""
        info = self.room.info()
        people = self.room.observed(first, MOST_SUBSCRIPTIONS)
        return live_answers.Room(
            sid=info.sid,
            name=info.name,
            created_at=info.created_at,
            clock_seconds=self._surroundings.clock.time(),
            participants=[participant_view(each, self._transports(each.info.sid), stats) for each in people],
        )

    def enter(
        self,
        connection: Connection,
        token: AccessToken,
        profile: ClientProfile,
        event: events.Join | events.Resume,
    ) -> ParticipantSid | Refusal:
        """Let somebody in, or back in. The first messages are sent to `connection` before this returns.

        Nobody comes back with another number of peer connections than they left with.
        """
        if isinstance(event, events.Resume):
            seat = self._seats.get(event.participant)
            if seat is not None and seat.session.mode != profile.mode:
                return Refusal.UNKNOWN_PARTICIPANT
        self._arriving = _Arriving(connection, token, profile)
        self._happened.append(event)
        self._step()
        outcome, self._arriving, self._outcome = self._outcome, None, None
        return outcome if isinstance(outcome, str) else Refusal.ROOM_CLOSED

    def request(self, participant: ParticipantSid, connection: Connection, request: rtc.SignalRequest) -> None:
        """The client of `participant` asks for something on `connection`; an outdated connection has no say."""
        if self._is_current(participant, connection):
            self._tell_session(participant, Requested(request))
            self._step()

    def connection_lost(self, participant: ParticipantSid, connection: Connection) -> None:
        if self._is_current(participant, connection):
            self._seats[participant].connection = None
            self._tell_session(participant, ConnectionLost())
            self._step()

    def report(self, transport: TransportId, event: MediaEvent) -> None:
        """The core tells something about one of our transports."""
        if (owner := self._owners.get(transport)) is not None:
            self._tell_session(owner, Reported(event))
            self._step()

    def measured(self, reports: Iterable[TransportStats]) -> None:
        """The core tells how some of our transports' links are: all of it is one step."""
        for report in reports:
            if (owner := self._owners.get(TransportId(report.transport))) is not None:
                self._tell_session(owner, Reported(report))
        self._step()

    def hear(self, levels: Iterable[tuple[ProducerId, float]]) -> None:
        """What the core heard of our producers in the last window."""
        self._happened.append(events.AudioLevels(levels=tuple(levels)))
        self._step()

    def administer(self, action: AdminAction) -> AdminOutcome:
        self._happened.append(events.Administer(request=RequestId(0), action=action))
        self._step()
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, str | None):
            return Failure(FailureKind.NOT_FOUND, "the room is closed")
        return outcome

    def shut_down(self) -> None:
        self._happened.append(events.ShutDown())
        self._step()

    def _transports(self, participant: ParticipantSid) -> Transports | None:
        seat = self._seats.get(participant)
        return None if seat is None else Transports(seat.session.uplink, seat.session.downlink)

    def _is_current(self, participant: ParticipantSid, connection: Connection) -> bool:
        seat = self._seats.get(participant)
        return seat is not None and seat.connection is connection

    def _step(self, opening: Sequence[Effect] = ()) -> None:
        """Do all that is to be done now. A fault of ours ends this room, and no other."""
        try:
            for effect in opening:
                self._perform(effect)
            self._settle()
        except Exception:
            _logger.exception("room %s failed, and is closed", self.name)
            self._surroundings.counters["room_faults"] += 1
            self._abandon()
        finally:
            self._ask_core()

    def _settle(self) -> None:
        self._drain()
        while due := [sid for sid in self._touched if self._is_due(sid)]:
            for sid in due:
                self._tell_session(sid, Timeout())
            self._drain()
        self._schedule()

    def _drain(self) -> None:
        while self._happened:
            for effect in self.room.handle(self._surroundings.clock.time(), self._happened.popleft()):
                self._perform(effect)

    def _ask_core(self) -> None:
        if self._commands:
            self._surroundings.on_commands(self, self._commands)
            self._surroundings.core.submit(*self._commands)
            self._commands = []

    def _perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one line each
        match effect:
            case Admitted(_, participant):
                self._outcome = participant
            case Resumed(_, participant):
                self._take_over(participant)
            case Refused(_, refusal):
                self._outcome = refusal
            case Notify(participant, Welcome() as welcome):
                self._open_session(participant, welcome)
            case Notify(participant, notice):
                self._tell_session(participant, Notified(notice))
            case Announce():
                self._announce(effect)
            case DeliverData():
                self._deliver(effect)
            case DataForNobody():
                self._surroundings.on_unclaimed(self.name, effect)
            case DataRefused(_, reason):
                self._surroundings.counters[reason] += 1
            case RankMicrophone():
                self._rank(effect)
            case Administered(_, outcome):
                self._outcome = outcome
            case Fact():
                self._surroundings.on_fact(effect)
            case Closed():
                self._surroundings.on_closed(self)

    def _open_session(self, participant: ParticipantSid, welcome: Welcome) -> None:
        assert self._arriving is not None, "a welcome is for who is arriving"
        worker = self._surroundings.core.place(self.name)
        session, effects = Session.open(
            self._surroundings.clock.time(),
            welcome,
            self._arriving.profile,
            roster=self._roster,
            media=replace(self._surroundings.media, worker=worker),
            node=self._surroundings.node,
            unix_now=self._surroundings.unix_clock(),
        )
        self._seats[participant] = Seat(session, self._arriving.token, self._arriving.connection, worker)
        self._touched.add(participant)
        self._perform_all(participant, effects)

    def _take_over(self, participant: ParticipantSid) -> None:
        """The client has a new connection; the old one, if we still thought it open, is of no use any more."""
        assert self._arriving is not None, "a resumption is by who is arriving"
        seat = self._seats[participant]
        if seat.connection is not None:
            seat.connection.hang_up(abruptly=False)
        seat.connection = self._arriving.connection
        seat.token = self._arriving.token
        self._outcome = participant

    def _tell_session(self, participant: ParticipantSid, event: SessionEvent) -> None:
        seat = self._seats.get(participant)
        if seat is None:
            return
        self._touched.add(participant)
        self._perform_all(participant, seat.session.handle(self._surroundings.clock.time(), event))
        if seat.session.ended:
            self._forget(participant)

    def _announce(self, announcement: Announce) -> None:
        """Nobody's deadline depends on what everybody is told, and nobody leaves for it."""
        now = self._surroundings.clock.time()
        announced = Announced(announcement.news, responses.announcement(announcement.news))
        for participant in announcement.participants:
            seat = self._seats.get(participant)
            if seat is not None:
                self._perform_all(participant, seat.session.handle(now, announced))

    def _perform_all(self, participant: ParticipantSid, effects: list[SessionEffect]) -> None:
        for effect in effects:
            self._perform_for(self._seats[participant], effect)

    def _perform_for(self, seat: Seat, effect: SessionEffect) -> None:
        match effect:
            case Send(message):
                if seat.connection is not None:
                    seat.connection.send(message)
            case TellRoom(event):
                self._happened.append(event)
            case AskCore(command):
                self._ask(seat, command)
            case RenewToken(participant):
                self._renew_token(seat, participant)
            case HangUp(abruptly):
                if seat.connection is not None:
                    seat.connection.hang_up(abruptly=abruptly)
                    seat.connection = None
            case Count(what):
                self._surroundings.counters[what] += 1

    def _ask(self, seat: Seat, command: Command) -> None:
        transport = getattr(command, "transport", None)
        if transport is not None:
            seat.transports.add(transport)
            self._owners[transport] = seat.session.participant
        self._commands.append(command)

    def _renew_token(self, seat: Seat, participant: ParticipantInfo) -> None:
        if seat.connection is None:
            return
        grants: Grants = replace(
            seat.token.grants,
            name=participant.name,
            metadata=participant.metadata,
            attributes=participant.attributes,
            permission=participant.permission,
        )
        token = self._surroundings.authority.refresh(seat.token, grants)
        seat.connection.send(responses.refresh_token(token))

    def _deliver(self, delivery: DeliverData) -> None:
        transports = tuple(
            self._seats[participant].session.downlink for participant in delivery.to if participant in self._seats
        )
        label = RELIABLE if delivery.reliable else LOSSY
        self._commands.append(SendData(transports=transports, label=label, payload=data_packets.write(delivery)))

    def _rank(self, ranking: RankMicrophone) -> None:
        group = None if ranking.loudest is None else SpeakerGroup(id=self._speakers, loudest=ranking.loudest)
        self._commands.append(RankProducer(producer=ranking.producer, group=group))

    def _forget(self, participant: ParticipantSid) -> None:
        seat = self._seats.pop(participant)
        self._touched.discard(participant)
        self._alarms.set(participant, None)
        self._roster.forget(participant)
        self._surroundings.core.leave(self.name, seat.worker)
        for transport in seat.transports:
            self._owners.pop(transport, None)

    def _is_due(self, participant: ParticipantSid) -> bool:
        deadline = self._seats[participant].session.deadline()
        if deadline is not None and deadline <= self._surroundings.clock.time():
            return True
        self._alarms.set(participant, deadline)
        return False

    def _schedule(self) -> None:
        """Wake up when the room or a session has something to do by itself."""
        self._touched.clear()
        deadlines = (self._alarms.earliest(), self.room.deadline())
        at = min((deadline for deadline in deadlines if deadline is not None), default=None)
        if self._timer is not None and self._timer[0] != at:
            self._timer[1].cancel()
            self._timer = None
        if self._timer is None and at is not None:
            self._timer = (at, self._surroundings.clock.call_at(at, self._wake))

    def _wake(self) -> None:
        self._timer = None
        for participant in self._alarms.take(self._surroundings.clock.time()):
            self._tell_session(participant, Timeout())
        self._happened.append(events.Timeout())
        self._step()

    def _abandon(self) -> None:
        """After a fault of ours: everybody's connection is cut, so that clients come back to a room that is sound."""
        self._happened.clear()
        for seat in self._seats.values():
            if seat.connection is not None:
                seat.connection.hang_up(abruptly=True)
            self._commands += [CloseTransport(transport=transport) for transport in seat.transports]
        self._seats.clear()
        self._owners.clear()
        if self._timer is not None:
            self._timer[1].cancel()
        self._surroundings.on_closed(self)
