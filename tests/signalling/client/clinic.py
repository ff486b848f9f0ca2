"""Rooms at work in virtual time: everything of ours is real but the core, and clients speak protobuf and SDP.

The core here records its commands and reports what the real one would: a transport that was given its peer connects.
"""

from __future__ import annotations

import itertools
import random
from typing import Any, Literal

from livekit.protocol import models, rtc

from media import commands as cmd
from media._core import DataChannelOpened, DataReceived, Event, TransportConnected
from media.parameters import (
    ConsumerId,
    DtlsFingerprint,
    IceCandidate,
    IceParameters,
    ProducerId,
    SpeakerGroupId,
    TransportId,
)
from rooms.live.effects import Fact, Refusal
from rooms.live.events import ClientTraits, Join, Resume
from rooms.live.ids import ConnectionId, Identity, ParticipantSid, SidGenerator
from rooms.live.limits import Limits
from rooms.live.permission import Permission
from rooms.live.state import Timeouts
from signalling.auth.grants import Grants, write_claims
from signalling.auth.tokens import AccessToken, TokenAuthority
from signalling.client.local_media import LocalMedia
from signalling.client.sdp import (
    DataChannel,
    Inactive,
    LocalTransport,
    OfferedSection,
    Receive,
    SendTrack,
    SessionDescription,
    parse,
    write_answer,
    write_offer,
)
from signalling.client.sdp import Send as SendSection
from signalling.client.session import ClientProfile
from signalling.hosting.registry import RoomDefaults, RoomRegistry
from signalling.hosting.room_host import RoomHost
from signalling.hosting.rooms import RoomOptions
from tests.signalling.client.stand_ins import Mode, RecordingCore, VirtualClock, Wire

KEY, SECRET = "key", "a-secret-of-more-than-32-characters!"


class Clinic:
    def __init__(self, *, limits: Limits | None = None) -> None:
        self.clock = VirtualClock()
        self.core = RecordingCore()
        self.authority = TokenAuthority({KEY: SECRET})
        self.facts: list[Fact] = []
        numbers = itertools.count(1)
        transports, producers, consumers = itertools.count(1), itertools.count(1000), itertools.count(2000)
        media = LocalMedia(
            fingerprint=DtlsFingerprint(algorithm="sha-256", value=":".join(["5A"] * 32)),
            candidates=(
                IceCandidate(foundation="u0", priority=2_130_706_431, ip="127.0.0.1", port=7882, protocol="udp"),
                IceCandidate(foundation="t0", priority=1_694_498_815, ip="127.0.0.1", port=7881, protocol="tcp"),
            ),
            transport_id=lambda: TransportId(next(transports)),
            producer_id=lambda: ProducerId(next(producers)),
            consumer_id=lambda: ConsumerId(next(consumers)),
            speaker_group_id=lambda: SpeakerGroupId(1),
            random=random.Random(7),
        )
        self.registry = RoomRegistry(
            core=self.core,
            media=media,
            authority=self.authority,
            node="ND_test",
            defaults=RoomDefaults(max_rooms=10, timeouts=Timeouts(), limits=limits or Limits()),
            sids=SidGenerator(lambda: f"{next(numbers):06}"),
            clock=self.clock,
            unix_clock=lambda: 1_700_000_000.0 + self.clock.now,
        )
        self.registry.watch(self.facts.append)
        self._connections = itertools.count(1)

    def wait(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now + seconds)

    def reports(self, *events: Event) -> None:
        self.registry.handle(events)

    def enters(
        self,
        name: str,
        mode: Mode = "dual",
        *,
        room: str = "ward-3",
        protocol: int = 17,
        permission: Permission | None = None,
        auto_subscribe: bool = True,
        adaptive: bool = False,
    ) -> Client:
        client = Client(self, name, mode, room, protocol, permission or Permission(can_update_own_metadata=True))
        client.join(auto_subscribe=auto_subscribe, adaptive=adaptive)
        return client

    def number(self) -> ConnectionId:
        return ConnectionId(next(self._connections))


class Client:
    """A LiveKit client as far as its signalling goes. Subscriber offers are answered by `answers`, not by itself."""

    def __init__(self, clinic: Clinic, name: str, mode: Mode, room: str, protocol: int, permission: Permission) -> None:
        self.clinic = clinic
        self.name = name
        self.mode = mode
        self.room = room
        self.protocol = protocol
        self.permission = permission
        self.wire = Wire(mode)
        self.sections: list[OfferedSection] = [OfferedSection(mid="0", kind="application", plan=DataChannel())]
        self.recvonly: set[str] = set()
        self._offers = itertools.count(1)
        self._ssrcs = itertools.count(sum(name.encode()) * 1000 + 1)
        self.local = _transport(name, 0)

    # --- connecting ---------------------------------------------------------------------------------------

    def join(self, *, auto_subscribe: bool = True, adaptive: bool = False) -> None:
        host = self.clinic.registry.open(self.room, RoomOptions())
        outcome = host.enter(
            self.wire,
            self.token(),
            ClientProfile(mode=self.mode, protocol=self.protocol),
            Join(
                connection=self.clinic.number(),
                identity=Identity(self.name),
                name=self.name.capitalize(),
                permission=self.permission,
                client=ClientTraits(protocol=self.protocol, client_protocol=2, capabilities=(1,)),
                auto_subscribe=auto_subscribe,
                adaptive_stream=adaptive,
            ),
        )
        assert not isinstance(outcome, Refusal), outcome
        self.sid: ParticipantSid = outcome

    def resume(self) -> Refusal | None:
        """A new connection for the old seat."""
        self.wire = Wire(self.mode)
        event = Resume(connection=self.clinic.number(), participant=self.sid, identity=Identity(self.name))
        profile = ClientProfile(mode=self.mode, protocol=self.protocol)
        outcome = self.host.enter(self.wire, self.token(), profile, event)
        return outcome if isinstance(outcome, Refusal) else None

    def comes_back(self) -> None:
        """Resume, and say what is still known: what every client says first."""
        assert self.resume() is None
        self.says(sync_state=rtc.SyncState())

    def loses_connection(self) -> None:
        self.host.connection_lost(self.sid, self.wire)

    def token(self) -> AccessToken:
        grants = Grants(identity=Identity(self.name), room=self.room, room_join=True, permission=self.permission)
        return self.clinic.authority.verify(self.clinic.authority.mint(KEY, write_claims(grants)))

    @property
    def host(self) -> RoomHost:
        host = self.clinic.registry.host(self.room)
        assert host is not None, "the room is closed"
        return host

    # --- what it heard ------------------------------------------------------------------------------------

    @property
    def received(self) -> list[rtc.SignalResponse]:
        return self.wire.received

    @property
    def kinds(self) -> list[str]:
        return [response.WhichOneof("message") or "" for response in self.received]

    def all(self, kind: str) -> list[Any]:
        return [getattr(response, kind) for response in self.received if response.WhichOneof("message") == kind]

    def last(self, kind: str) -> Any:
        assert kind in self.kinds, f"{self.name} got no {kind}, only {self.kinds}"
        return self.all(kind)[-1]

    def forget(self) -> None:
        self.wire.received.clear()
        self.wire.messages.clear()

    # --- what it does -------------------------------------------------------------------------------------

    def says(self, **request: Any) -> None:
        """One SignalRequest; the keyword is its kind."""
        self.host.request(self.sid, self.wire, rtc.SignalRequest(**request))

    def adds_track(self, cid: str, kind: Literal["audio", "video"], **more: Any) -> None:
        number = models.TrackType.AUDIO if kind == "audio" else models.TrackType.VIDEO
        default = models.TrackSource.MICROPHONE if kind == "audio" else models.TrackSource.CAMERA
        self.says(add_track=rtc.AddTrackRequest(cid=cid, type=number, **{"source": default, **more}))

    def sends_on_new_section(self, cid: str, kind: Literal["audio", "video"]) -> str:
        """Have the next offer carry a track called `cid`. Returns the mid."""
        mid = str(len(self.sections))
        track = SendTrack(
            stream_id="-",
            track_id=cid,
            cname=self.name,
            ssrc=next(self._ssrcs),
            rtx_ssrc=None,
            mime_type="audio/opus" if kind == "audio" else "video/VP8",
        )
        self.sections.append(OfferedSection(mid=mid, kind=kind, plan=SendSection(track)))
        return mid

    def stops_sending(self, mid: str) -> None:
        index = int(mid)
        self.sections[index] = OfferedSection(mid=mid, kind=self.sections[index].kind, plan=Inactive())

    def receives_on_new_sections(self, audios: int, videos: int) -> None:
        for kind, count in (("audio", audios), ("video", videos)):
            for _ in range(count):
                mid = str(len(self.sections))
                self.sections.append(OfferedSection(mid=mid, kind=kind, plan=Inactive()))  # type: ignore[arg-type]  # both are kinds
                self.recvonly.add(mid)

    def describes(self) -> str:
        """Its present sections as an offer."""
        blocks = write_offer(self.local, self.sections, version=1).split("\r\nm=")
        for index, section in enumerate(self.sections, start=1):
            if section.mid in self.recvonly:
                blocks[index] = blocks[index].replace("a=inactive", "a=recvonly")
        return "\r\nm=".join(blocks)

    def offers(self, number: int | None = None) -> int:
        """Send its offer. Returns the number under which the answer should come."""
        number = next(self._offers) if number is None else number
        self.says(offer=rtc.SessionDescription(type="offer", sdp=self.describes(), id=number))
        return number

    def restarts_ice(self) -> None:
        self.local = _transport(self.name, random.Random(self.name).randint(1, 9999))

    def publishes(self, cid: str, kind: Literal["audio", "video"], **more: Any) -> str:
        """Announce a track, offer it, and let media connect. Returns its sid."""
        self.adds_track(cid, kind, **more)
        self.sends_on_new_section(cid, kind)
        self.offers()
        sid: str = self.last("track_published").track.sid
        return sid

    def answers(self, number: int | None = None) -> SessionDescription:
        """Accept everything in the latest subscriber offer. Returns that offer, parsed."""
        message = self.last("offer")
        offer = parse(message.sdp)
        plan = {section.mid: Receive() for section in offer.sections if section.kind in {"audio", "video"}}
        answer = write_answer(offer, self.local, plan, version=1)
        described = rtc.SessionDescription(type="answer", sdp=answer, id=message.id if number is None else number)
        self.says(answer=described)
        return offer

    # --- media --------------------------------------------------------------------------------------------

    @property
    def transports(self) -> list[TransportId]:
        """Its publisher's and its subscriber's, or its only one."""
        created = self.clinic.core.all(cmd.CreateTransport)
        own = self.host._owners
        return [command.transport for command in created if own.get(command.transport) == self.sid]

    @property
    def uplink(self) -> TransportId:
        return self.transports[0]

    @property
    def downlink(self) -> TransportId:
        return self.transports[-1]

    def connects(self) -> None:
        """All of its transports come up, and its channels open."""
        for transport in self.transports:
            self.clinic.reports(
                TransportConnected(transport=transport, srtp_profile="AEAD_AES_128_GCM", protocol="udp")
            )
        for label in ("_reliable", "_lossy"):
            self.clinic.reports(DataChannelOpened(transport=self.downlink, label=label))

    def settles(self) -> None:
        """Answer until nothing is offered any more, and connect."""
        while self.mode == "dual" and self.received and self.kinds.count("offer") > self._answered:
            self._answered = self.kinds.count("offer")
            self.answers()
        self.connects()

    _answered = 0

    def sends_data(self, packet: models.DataPacket, *, reliable: bool = True) -> None:
        label = "_reliable" if reliable else "_lossy"
        payload = packet.SerializeToString()
        self.clinic.reports(DataReceived(transport=self.uplink, label=label, payload=payload))

    @property
    def got_data(self) -> list[models.DataPacket]:
        return [
            models.DataPacket.FromString(command.payload)
            for command in self.clinic.core.all(cmd.SendData)
            if self.downlink in command.transports
        ]

    @property
    def sent(self) -> dict[str, cmd.AddConsumer]:
        """The tracks that the core sends to it now, by sid."""
        offered = {
            added.parameters.ssrc: added
            for added in self.clinic.core.consumers.values()
            if added.transport == self.downlink
        }
        kind = "offer" if self.mode == "dual" else "answer"
        description = parse(self.last(kind).sdp)
        return {
            section.msid.track_id: offered[section.ssrcs[0]]
            for section in description.sections
            if section.msid is not None and section.ssrcs and section.ssrcs[0] in offered
        }


def _transport(name: str, generation: int) -> LocalTransport:
    return LocalTransport(
        session_id=1,
        ice=IceParameters(
            username_fragment=f"{name}{generation:04}"[:32].ljust(4, "x"), password=f"{name}password0123456789abcdef"
        ),
        fingerprint=DtlsFingerprint(algorithm="sha-256", value=":".join(["AB"] * 32)),
        candidates=(),
    )
