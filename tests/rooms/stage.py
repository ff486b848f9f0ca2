"""A room on stage: people come in, do things, and what the room said to each of them can be looked up."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from media.parameters import (
    MediaKind,
    ProducerId,
    ProducerParameters,
    RtpCodecParameters,
    RtpEncodingParameters,
)
from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import AdminAction, AdminOutcome
from rooms.live.data_subject import DataSubject
from rooms.live.ids import ConnectionId, Identity, ParticipantSid, RequestId, SidGenerator, TrackSid
from rooms.live.info import DisconnectReason, ParticipantInfo, TrackRequest, VideoLayer, VideoQuality
from rooms.live.limits import Limits
from rooms.live.permission import Permission, TrackSource
from rooms.live.room import Room
from rooms.live.state import Timeouts

NoticeT = TypeVar("NoticeT", bound=fx.Notice | fx.News)
EffectT = TypeVar("EffectT", bound=fx.Effect)

UNIX_START = 1_700_000_000.0

LADDER = (
    VideoLayer(quality=VideoQuality.LOW, width=320, height=180, bitrate_bps=160_000),
    VideoLayer(quality=VideoQuality.MEDIUM, width=640, height=360, bitrate_bps=450_000),
    VideoLayer(quality=VideoQuality.HIGH, width=1280, height=720, bitrate_bps=1_700_000),
)

CAMERA = TrackRequest(
    cid="cam", kind="video", source=TrackSource.CAMERA, name="camera", width=1280, height=720, layers=LADDER
)
MICROPHONE = TrackRequest(cid="mic", kind="audio", source=TrackSource.MICROPHONE, name="microphone")
SCREEN = TrackRequest(cid="screen", kind="video", source=TrackSource.SCREEN_SHARE, width=1920, height=1080)


def parameters(kind: MediaKind, layers: int = 1) -> ProducerParameters:
    codec = ("video/VP8", 96, 90_000) if kind == "video" else ("audio/opus", 111, 48_000)
    return ProducerParameters(
        kind=kind,
        mid="0",
        codecs=(RtpCodecParameters(mime_type=codec[0], payload_type=codec[1], clock_rate=codec[2]),),
        header_extensions=(),
        encodings=tuple(RtpEncodingParameters(rid=rid) for rid in "qhf"[:layers]),
    )


@dataclass
class Person:
    """Somebody on stage. `heard` is every notice and all news so far, in order."""

    stage: Stage
    sid: ParticipantSid
    identity: Identity
    heard: list[fx.Notice | fx.News] = field(default_factory=list)

    def notices(self, kind: type[NoticeT]) -> list[NoticeT]:
        return [notice for notice in self.heard if isinstance(notice, kind)]

    def last(self, kind: type[NoticeT]) -> NoticeT:
        return self.notices(kind)[-1]

    def forget(self) -> None:
        self.heard.clear()

    @property
    def receives(self) -> set[TrackSid]:
        """The tracks that are being sent to this person, by what the room has said."""
        tracks: set[TrackSid] = set()
        for notice in self.heard:
            match notice:
                case fx.Subscribed(track=track):
                    tracks.add(track.sid)
                case fx.Unsubscribed(track):
                    tracks.discard(track)
                case _:
                    pass
        return tracks

    @property
    def knows(self) -> dict[ParticipantSid, ParticipantInfo]:
        """The others, as this person's client would show them."""
        known: dict[ParticipantSid, ParticipantInfo] = {}
        for notice in self.heard:
            match notice:
                case fx.Welcome(others=infos) | fx.ParticipantsChanged(infos):
                    for info in infos:
                        known[info.sid] = info
                case _:
                    pass
        return {sid: info for sid, info in known.items() if info.disconnect_reason is None and sid != self.sid}

    def does(self, event: ev.Event) -> list[fx.Effect]:
        return self.stage.happens(event)

    def declares(self, request: TrackRequest) -> TrackSid:
        self.does(ev.AddTrack(participant=self.sid, request=request))
        return self.last(fx.TrackPublished).track.sid

    def publishes(self, request: TrackRequest) -> TrackSid:
        """Declare a track and negotiate it, as far as the room can see."""
        track = self.declares(request)
        self.stage.negotiated(self, track, request)
        return track

    def connects(self) -> None:
        self.does(ev.MediaConnected(participant=self.sid))

    def opens_channels(self) -> None:
        for reliable in (True, False):
            self.does(ev.DataChannelReady(participant=self.sid, reliable=reliable))

    def says(
        self,
        payload: bytes,
        *,
        reliable: bool = True,
        sequence: int = 0,
        to: tuple[str, ...] = (),
        subject: DataSubject = DataSubject.ORDINARY,
    ) -> list[fx.DeliverData]:
        happened = self.does(
            ev.DataSent(
                participant=self.sid,
                reliable=reliable,
                sequence=sequence,
                subject=subject,
                to_identities=frozenset(Identity(name) for name in to),
                to_participants=frozenset(),
                payload=payload,
            )
        )
        return [effect for effect in happened if isinstance(effect, fx.DeliverData)]


class Stage:
    def __init__(
        self, *, limits: Limits | None = None, timeouts: Timeouts | None = None, dynacast: bool = True
    ) -> None:
        self.now = 1000.0
        numbers = itertools.count(1)
        sids = SidGenerator(lambda: f"{next(numbers):06}")
        self._connections = itertools.count(1)
        self._producers = itertools.count(1)
        self.everything: list[fx.Effect] = []
        self.people: dict[ParticipantSid, Person] = {}
        self.producers: dict[TrackSid, ProducerId] = {}
        self.room, opening = Room.open(
            self.now,
            name="ward-3",
            unix_now=UNIX_START,
            sids=sids,
            timeouts=timeouts or Timeouts(),
            limits=limits or Limits(),
            dynacast=dynacast,
        )
        self._take(opening)

    def happens(self, event: ev.Event) -> list[fx.Effect]:
        """One event; its effects reach those they are for."""
        effects = self.room.handle(self.now, event)
        self._take(effects)
        return effects

    def wait(self, seconds: float) -> None:
        """Let time pass; the room wakes up whenever it asked for that."""
        until = self.now + seconds
        while (deadline := self.room.deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.happens(ev.Timeout())
        self.now = until

    def enters(
        self,
        name: str,
        *,
        auto_subscribe: bool = True,
        adaptive: bool = False,
        protocol: int = 17,
        metadata: str = "",
        attributes: Mapping[str, str] | None = None,
        permission: Permission | None = None,
    ) -> Person:
        person = self.tries_to_enter(
            ev.Join(
                connection=self.connection(),
                identity=Identity(name),
                name=name.capitalize(),
                metadata=metadata,
                attributes=attributes or {},
                permission=permission or Permission(),
                client=ev.ClientTraits(protocol=protocol),
                auto_subscribe=auto_subscribe,
                adaptive_stream=adaptive,
            )
        )
        assert isinstance(person, Person), f"{name} was refused: {person}"
        return person

    def tries_to_enter(self, join: ev.Join) -> Person | fx.Refusal:
        effects = self.room.handle(self.now, join)
        for effect in effects:
            match effect:
                case fx.Admitted(_, sid):
                    self.people[sid] = Person(self, sid, join.identity)
                case fx.Refused(_, refusal):
                    self._take(effects)
                    return refusal
                case _:
                    pass
        self._take(effects)
        admitted = next(effect for effect in effects if isinstance(effect, fx.Admitted))
        return self.people[admitted.participant]

    def connection(self) -> ConnectionId:
        return ConnectionId(next(self._connections))

    def negotiated(self, publisher: Person, track: TrackSid, request: TrackRequest) -> None:
        producer = self.producers.setdefault(track, ProducerId(next(self._producers)))
        layers = max(len(request.layers), 1)
        self.happens(
            ev.TrackNegotiated(
                participant=publisher.sid,
                track=track,
                producer=producer,
                parameters=parameters(request.kind, layers),
            )
        )

    def administers(self, action: AdminAction) -> AdminOutcome:
        happened = self.happens(ev.Administer(request=RequestId(1), action=action))
        return next(effect.outcome for effect in happened if isinstance(effect, fx.Administered))

    def leaves(self, person: Person, reason: DisconnectReason = DisconnectReason.CLIENT_INITIATED) -> None:
        self.happens(ev.Leave(participant=person.sid, reason=reason))

    def all(self, kind: type[EffectT]) -> list[EffectT]:
        return [effect for effect in self.everything if isinstance(effect, kind)]

    @property
    def facts(self) -> list[str]:
        return [fact.kind.value for fact in self.all(fx.Fact)]

    @property
    def present(self) -> set[str]:
        return {info.identity for info in self.room.participants()}

    def _take(self, effects: list[fx.Effect]) -> None:
        self.everything += effects
        for effect in effects:
            match effect:
                case fx.Notify(participant, notice):
                    self.people[participant].heard.append(notice)
                case fx.Announce(participants, news):
                    for participant in participants:
                        self.people[participant].heard.append(news)
                case _:
                    pass
