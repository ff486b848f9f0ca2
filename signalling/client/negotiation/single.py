"""The one peer connection of a client that has no second: the client always offers.

To send it a track we need a section that it offers to receive on. When there are too few we ask for more, and the
tracks wait; when there are enough we still have to ask it to offer, since only an answer can put a track on one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from livekit.protocol import rtc

from media.commands import Command
from media.parameters import ConsumerId, MediaKind, TransportId
from rooms.live.effects import ForwardingChanged, Subscribed
from rooms.live.ids import ParticipantSid, TrackSid
from signalling.client.local_media import LocalMedia
from signalling.client.message import Message
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.negotiation.receiving import Receiving
from signalling.client.negotiation.sending import Sender
from signalling.client.sdp import Inactive, SectionAnswer, SessionDescription, parse, write_answer
from signalling.client.sdp import Send as SendSection
from signalling.client.session_effects import AskCore, Count, Send, SessionEffect


@dataclass(frozen=True, slots=True)
class Free:
    """Answered as inactive: may carry a track."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """Its track is over, which the client has yet to hear; until then it must not carry another."""


Use = Sender | Emptied | Free


@dataclass(slots=True)
class Slot:
    kind: MediaKind
    use: Use


@dataclass(slots=True)
class Single:
    """`slots` are the sections that the client offers to receive on, by mid. `waiting` are tracks without one.

    `asked` counts sections asked for and not yet offered, by kind; `stale` when another offer must be asked for.
    """

    participant: ParticipantSid
    pc: PeerConnection
    receiving: Receiving
    slots: dict[str, Slot] = field(default_factory=dict)
    waiting: list[Sender] = field(default_factory=list)
    asked: dict[MediaKind, int] = field(default_factory=lambda: {"audio": 0, "video": 0})
    stale: bool = False
    offered_before: bool = False

    @classmethod
    def of(cls, participant: ParticipantSid, media: LocalMedia) -> Self:
        pc = PeerConnection.open(media)
        return cls(participant=participant, pc=pc, receiving=Receiving(participant, pc))

    @property
    def primary(self) -> TransportId:
        return self.pc.transport

    @property
    def downlink(self) -> TransportId:
        return self.pc.transport

    @property
    def uplink(self) -> TransportId:
        return self.pc.transport

    @property
    def transports(self) -> tuple[TransportId, ...]:
        return (self.pc.transport,)

    def open(self) -> list[SessionEffect]:
        """Channels are the client's own, in both directions."""
        return [AskCore(self.pc.create())]

    def answered(self, message: rtc.SessionDescription) -> list[SessionEffect]:  # noqa: ARG002 - see below
        """We never offer, so there is nothing that this could be the answer to."""
        return [Count("unexpected_answer")]

    def subscribed(self, notice: Subscribed) -> list[SessionEffect]:
        self.waiting.append(Sender.of(notice, self.pc.media))
        self.stale = True
        return []

    def unsubscribed(self, track: TrackSid) -> list[SessionEffect]:
        self.waiting = [sender for sender in self.waiting if sender.sid != track]
        slot = self._slot_of(track)
        if slot is None or not isinstance(slot.use, Sender):
            return []
        effects = slot.use.stop()
        slot.use = Emptied()
        self.stale = True
        return effects

    def changed(self, notice: ForwardingChanged) -> list[SessionEffect]:
        slot = self._slot_of(notice.track)
        if slot is not None and isinstance(slot.use, Sender):
            return slot.use.change(notice)
        return [effect for sender in self.waiting if sender.sid == notice.track for effect in sender.change(notice)]

    def track_of(self, consumer: ConsumerId) -> TrackSid | None:
        """What the core sends under this number."""
        senders = (slot.use for slot in self.slots.values() if isinstance(slot.use, Sender))
        return next((sender.sid for sender in senders if sender.consumer == consumer), None)

    @property
    def due(self) -> bool:
        """Before its first offer there is nothing to ask of the client: it will come by itself."""
        return self.stale and self.offered_before

    def renegotiate(self) -> list[SessionEffect]:
        """Ask for the sections that are missing beyond those asked for already, or just for an offer."""
        self.stale = False
        missing = {kind: max(self._missing(kind) - self.asked[kind], 0) for kind in self.asked}
        for kind, count in missing.items():
            self.asked[kind] += count
        requirement = rtc.MediaSectionsRequirement(num_audios=missing["audio"], num_videos=missing["video"])
        return [Send(Message(rtc.SignalResponse(media_sections_requirement=requirement)))]

    def offered(self, message: rtc.SessionDescription) -> list[SessionEffect]:
        """Answer an offer, under its own number, with as many waiting tracks as it has room for. Raises `SdpError`."""
        offer = parse(message.sdp)
        effects: list[SessionEffect] = [AskCore(command) for command in self.pc.accept_offer(offer)]
        receive, unpublished = self.receiving.accept(offer)
        self.offered_before = True
        self.stale = False
        effects += self._note_slots(offer)
        plan: dict[str, SectionAnswer] = {**receive, **self._fill()}
        described = rtc.SessionDescription(
            type="answer",
            sdp=write_answer(offer, self.pc.local, plan, version=self.pc.next_version()),
            id=message.id,
            mid_to_track_id={mid: slot.use.sid for mid, slot in self.slots.items() if isinstance(slot.use, Sender)},
        )
        effects += [*unpublished, Send(Message(rtc.SignalResponse(answer=described)))]
        effects += self.receiving.answered(offer, receive)
        return effects + self._start(offer)

    def resume(self) -> list[SessionEffect]:
        """The client offers by itself, with new ICE credentials; only what it was asked for before may be lost."""
        self.asked = {"audio": 0, "video": 0}
        self.stale = bool(self.waiting)
        return []

    def prefer(self, media: LocalMedia) -> None:
        self.pc.prefer(media)

    def close(self) -> list[Command]:
        return [self.pc.close()]

    def _note_slots(self, offer: SessionDescription) -> list[SessionEffect]:
        """New sections to receive on are free, and were perhaps asked for; tracks on those that are gone wait again."""
        receiving: dict[str, MediaKind] = {}
        for section in offer.sections:
            if section.receives and not section.sends and section.kind in {"audio", "video"}:
                receiving[section.mid] = "audio" if section.kind == "audio" else "video"
        for mid, kind in receiving.items():
            if mid not in self.slots:
                self.slots[mid] = Slot(kind, Free())
                self.asked[kind] = max(self.asked[kind] - 1, 0)
        effects: list[SessionEffect] = []
        for mid in [mid for mid in self.slots if mid not in receiving]:
            use = self.slots.pop(mid).use
            if isinstance(use, Sender):
                effects += use.stop()
                self.waiting.insert(0, use)
        return effects

    def _fill(self) -> dict[str, SectionAnswer]:
        """Put waiting tracks on free sections. An emptied one is answered as such, and is free after that."""
        plan: dict[str, SectionAnswer] = {}
        for mid, slot in self.slots.items():
            match slot.use:
                case Free():
                    sender = next((sender for sender in self.waiting if sender.kind == slot.kind), None)
                    if sender is not None:
                        self.waiting.remove(sender)
                        slot.use = sender
                case Emptied():
                    slot.use = Free()
                case Sender():
                    pass
            plan[mid] = SendSection(slot.use.track) if isinstance(slot.use, Sender) else Inactive()
        self.stale = any(self._missing(kind) > self.asked[kind] or self._has_room(kind) for kind in self.asked)
        return plan

    def _start(self, offer: SessionDescription) -> list[SessionEffect]:
        effects: list[SessionEffect] = []
        for mid, slot in self.slots.items():
            section = offer.section(mid)
            if isinstance(slot.use, Sender) and section is not None:
                effects += slot.use.start(self.participant, self.pc.transport, section)
        return effects

    def _missing(self, kind: MediaKind) -> int:
        """How many more sections the waiting tracks of a kind need."""
        return max(self._waiting(kind) - self._free(kind), 0)

    def _has_room(self, kind: MediaKind) -> bool:
        """Whether some track waits although a section is free by now: one more offer is all it takes."""
        return bool(self._waiting(kind) and self._free(kind))

    def _waiting(self, kind: MediaKind) -> int:
        return sum(1 for sender in self.waiting if sender.kind == kind)

    def _free(self, kind: MediaKind) -> int:
        """Emptied ones count: the next answer frees them."""
        return sum(1 for slot in self.slots.values() if slot.kind == kind and not isinstance(slot.use, Sender))

    def _slot_of(self, track: TrackSid) -> Slot | None:
        for slot in self.slots.values():
            if isinstance(slot.use, Sender) and slot.use.sid == track:
                return slot
        return None
