"""The subscriber peer connection of a client that has two: we offer, the client answers.

One offer is out at a time. What changes meanwhile goes into the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from livekit.protocol import rtc

from media.commands import OpenDataChannel
from media.parameters import ConsumerId, MediaKind
from rooms.live.effects import ForwardingChanged, Subscribed
from rooms.live.ids import ParticipantSid, TrackSid
from signalling.client.data_channels import LOSSY, RELIABLE
from signalling.client.message import Message
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.negotiation.sending import Sender
from signalling.client.sdp import DataChannel, Inactive, OfferedSection, SessionDescription, parse, write_offer
from signalling.client.sdp import Send as SendSection
from signalling.client.session_effects import AskCore, Send, SessionEffect

_DATA_MID = "0"


@dataclass(frozen=True, slots=True)
class Free:
    """Negotiated as inactive: may carry another track. Going through this makes browsers announce it as new."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """Its track is over, which the client has yet to hear."""


@dataclass(slots=True)
class Section:
    mid: str
    kind: MediaKind
    use: Sender | Emptied | Free


@dataclass(frozen=True, slots=True)
class Settled:
    """No offer is out."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The offer numbered `id` is out; `uses` is what it said of each mid."""

    id: int
    uses: dict[str, Sender | Emptied | Free]


@dataclass(slots=True)
class Subscriber:
    """`stale` when the client does not know what it should: an offer is due as soon as none is out.

    Invariant: sections only ever get more, and keep mid, kind and place (RFC 8829 §5.2.2).
    """

    participant: ParticipantSid
    pc: PeerConnection
    state: Settled | Offered = field(default_factory=Settled)
    sections: list[Section] = field(default_factory=list)
    stale: bool = True
    last_id: int = 0

    def open_channels(self) -> list[SessionEffect]:
        """Data comes down on channels that we open (RFC 8832)."""
        transport = self.pc.transport
        return [
            AskCore(OpenDataChannel(transport=transport, label=RELIABLE, ordered=True, max_retransmits=None)),
            AskCore(OpenDataChannel(transport=transport, label=LOSSY, ordered=False, max_retransmits=0)),
        ]

    def subscribed(self, notice: Subscribed) -> list[SessionEffect]:
        sender = Sender.of(notice, self.pc.media)
        free = (section for section in self.sections if isinstance(section.use, Free) and section.kind == sender.kind)
        section = next(free, None)
        if section is None:
            self.sections.append(Section(str(len(self.sections) + 1), sender.kind, sender))
        else:
            section.use = sender
        self.stale = True
        return []

    def unsubscribed(self, track: TrackSid) -> list[SessionEffect]:
        section = self._section_of(track)
        if section is None or not isinstance(section.use, Sender):
            return []
        effects = section.use.stop()
        section.use = Emptied()
        self.stale = True
        return effects

    def changed(self, notice: ForwardingChanged) -> list[SessionEffect]:
        section = self._section_of(notice.track)
        return section.use.change(notice) if section and isinstance(section.use, Sender) else []

    def track_of(self, consumer: ConsumerId) -> TrackSid | None:
        """What the core sends under this number."""
        senders = (section.use for section in self.sections if isinstance(section.use, Sender))
        return next((sender.sid for sender in senders if sender.consumer == consumer), None)

    @property
    def due(self) -> bool:
        return self.stale and isinstance(self.state, Settled)

    def offer(self) -> list[SessionEffect]:
        """Describe everything as it now is."""
        self.stale = False
        self.last_id += 1
        self.state = Offered(self.last_id, {section.mid: section.use for section in self.sections})
        described = rtc.SessionDescription(
            type="offer",
            sdp=write_offer(self.pc.local, self._described(), version=self.pc.next_version()),
            id=self.last_id,
            mid_to_track_id={
                section.mid: section.use.sid for section in self.sections if isinstance(section.use, Sender)
            },
        )
        return [Send(Message(rtc.SignalResponse(offer=described)))]

    def restart(self) -> list[SessionEffect]:
        """Offer anew, with new ICE credentials; an answer to an earlier offer is not waited for."""
        commands = self.pc.restart_ice()
        self.state = Settled()
        return [*(AskCore(command) for command in commands), *self.offer()]

    def answered(self, message: rtc.SessionDescription) -> list[SessionEffect]:
        """Take the answer to the offer that is out; 0 stands for the latest. Raises `SdpError`."""
        if not isinstance(self.state, Offered) or message.id not in (0, self.state.id):
            return []  # To an offer that was overtaken.
        answer = parse(message.sdp)
        offered, self.state = self.state, Settled()
        effects: list[SessionEffect] = [AskCore(command) for command in self.pc.connect(answer)]
        for section in self.sections:
            if section.use is offered.uses.get(section.mid):
                effects += self._agreed(section, answer)
        return effects

    def _agreed(self, section: Section, answer: SessionDescription) -> list[SessionEffect]:
        """The client knows this section as it still is."""
        match section.use:
            case Emptied():
                section.use = Free()
            case Sender() as sender if (described := answer.section(section.mid)) is not None:
                return sender.start(self.participant, self.pc.transport, described)
            case _:
                pass
        return []

    def _described(self) -> list[OfferedSection]:
        data = OfferedSection(mid=_DATA_MID, kind="application", plan=DataChannel())
        return [data] + [
            OfferedSection(
                mid=section.mid,
                kind=section.kind,
                plan=SendSection(section.use.track) if isinstance(section.use, Sender) else Inactive(),
            )
            for section in self.sections
        ]

    def _section_of(self, track: TrackSid) -> Section | None:
        for section in self.sections:
            if isinstance(section.use, Sender) and section.use.sid == track:
                return section
        return None
