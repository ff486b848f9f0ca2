"""Rooms without media and without sockets: the real decisions of `rooms.live`, under a clock that stands still."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from livekit.protocol import models

from media.parameters import MediaKind, ProducerId
from rooms.live.admin_actions import AdminAction, AdminOutcome, Failure, FailureKind
from rooms.live.effects import Administered, Admitted, Closed, DataForNobody, Effect, Fact, Notify, TrackPublished
from rooms.live.events import (
    AddTrack,
    Administer,
    ClientTraits,
    DataChannelReady,
    Event,
    Join,
    Leave,
    MediaConnected,
    TrackNegotiated,
)
from rooms.live.ids import ConnectionId, Identity, ParticipantSid, RequestId, SidGenerator, TrackSid
from rooms.live.info import DisconnectReason, ParticipantInfo, RoomInfo, TrackRequest
from rooms.live.limits import Limits
from rooms.live.permission import Permission, TrackSource
from rooms.live.room import Room
from rooms.live.state import Timeouts
from signalling.client import data_packets
from signalling.client.sdp import Receive, parse, producer_parameters
from signalling.hosting.rooms import RoomOptions, TooManyRoomsError
from tests.signalling.sdp.samples import recorded

MAX_ROOMS = 5
_AUDIO, _VIDEO, _DATA = parse(recorded("aiortc-publisher")).sections
_PARAMETERS = {section.kind: producer_parameters(section, Receive()) for section in (_AUDIO, _VIDEO)}


class Hall:
    """Implements `RoomAdministration`. `told` is what participants were told, by sid."""

    def __init__(self) -> None:
        self.told: list[Notify] = []
        self.effects: list[Effect] = []
        self._rooms: dict[str, Room] = {}
        self._listeners: list[Callable[[Fact], None]] = []
        self._data_listeners: list[Callable[[str, DataForNobody], None]] = []
        self._numbers = itertools.count(1)
        self._sids = SidGenerator(lambda: f"x{next(self._numbers)}")

    def create(self, name: str, options: RoomOptions) -> RoomInfo:
        if name not in self._rooms:
            if len(self._rooms) >= MAX_ROOMS:
                raise TooManyRoomsError(f"this server has {MAX_ROOMS} rooms already")
            timeouts = Timeouts(empty=options.empty_timeout_seconds or 300.0)
            limits = Limits(max_participants=options.max_participants or 0)
            metadata = options.metadata or ""
            room, effects = Room.open(
                0.0, name=name, metadata=metadata, unix_now=1e9, sids=self._sids, timeouts=timeouts, limits=limits
            )
            self._rooms[name] = room
            self._perform(name, effects)
        return self._rooms[name].info()

    def list(self, names: Sequence[str] = ()) -> list[RoomInfo]:
        return [room.info() for name, room in self._rooms.items() if not names or name in names]

    def participants(self, room: str) -> tuple[ParticipantInfo, ...] | None:
        return self._rooms[room].participants() if room in self._rooms else None

    def administer(self, room: str, action: AdminAction) -> AdminOutcome:
        if room not in self._rooms:
            return Failure(FailureKind.NOT_FOUND, "there is no such room")
        request = RequestId(next(self._numbers))
        effects = self._apply(room, Administer(request=request, action=action))
        return next(effect.outcome for effect in effects if isinstance(effect, Administered))

    def watch(self, listener: Callable[[Fact], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def overhear(self, listener: Callable[[str, DataForNobody], None]) -> None:
        self._data_listeners.append(listener)

    def says(self, room: str, participant: ParticipantSid, packet: models.DataPacket) -> None:
        """A reliable message of a participant's."""
        sent = data_packets.read(participant, packet.SerializeToString(), reliable=True)
        assert sent is not None
        self._apply(room, sent)

    def enter(self, room: str, identity: str, permission: Permission | None = None) -> ParticipantSid:
        """Somebody joins, and media connects."""
        self.create(room, RoomOptions())
        join = Join(
            connection=ConnectionId(next(self._numbers)),
            identity=Identity(identity),
            client=ClientTraits(protocol=16),
            permission=permission or Permission(),
        )
        sid = next(effect.participant for effect in self._apply(room, join) if isinstance(effect, Admitted))
        self._apply(room, MediaConnected(participant=sid))
        self._apply(room, DataChannelReady(participant=sid, reliable=True))
        return sid

    def publish(self, room: str, participant: ParticipantSid, kind: MediaKind, source: TrackSource) -> TrackSid:
        request = TrackRequest(cid=f"c{next(self._numbers)}", kind=kind, source=source)
        effects = self._apply(room, AddTrack(participant=participant, request=request))
        notices = [effect.notice for effect in effects if isinstance(effect, Notify)]
        sid = next(notice.track.sid for notice in notices if isinstance(notice, TrackPublished))
        negotiated = TrackNegotiated(
            participant=participant,
            track=sid,
            producer=ProducerId(next(self._numbers)),
            parameters=_PARAMETERS[kind],
        )
        self._apply(room, negotiated)
        return sid

    def leave(self, room: str, participant: ParticipantSid) -> None:
        self._apply(room, Leave(participant=participant, reason=DisconnectReason.CLIENT_INITIATED))

    def _apply(self, room: str, event: Event) -> Sequence[Effect]:
        effects = self._rooms[room].handle(0.0, event)
        self._perform(room, effects)
        return effects

    def _perform(self, room: str, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effects.append(effect)
            if isinstance(effect, Notify):
                self.told.append(effect)
            elif isinstance(effect, Fact):
                for listener in self._listeners:
                    listener(effect)
            elif isinstance(effect, DataForNobody):
                for data_listener in self._data_listeners:
                    data_listener(room, effect)
            elif isinstance(effect, Closed):
                del self._rooms[room]
