"""What a client publishes: matching its m-sections with the tracks it announced, and receiving them."""

from __future__ import annotations

from dataclasses import dataclass, field

from media.commands import AddProducer, PauseProducer, RemoveProducer
from media.parameters import ProducerId, ProducerParameters
from rooms.live.events import TrackNegotiated, UnpublishTrack
from rooms.live.ids import ParticipantSid, TrackSid
from rooms.live.info import Encryption, TrackInfo
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.sdp import MediaSection, Receive, SdpError, SessionDescription, producer_parameters
from signalling.client.session_effects import AskCore, Count, SessionEffect, TellRoom


@dataclass(frozen=True, slots=True)
class Announced:
    """A track that the room knows and no section carries yet. `names` are the client's: cid, and cids of its codecs."""

    info: TrackInfo
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A section that sends something which was not announced yet."""

    section: MediaSection
    receive: Receive


@dataclass(frozen=True, slots=True)
class Carrying:
    """A section whose track the core receives."""

    track: TrackSid
    producer: ProducerId
    receive: Receive
    parameters: ProducerParameters


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The server ended this section's track; the client has yet to stop sending."""

    receive: Receive


SectionState = Unmatched | Carrying | Withdrawn


@dataclass(slots=True)
class Receiving:
    """Sections and announcements may come in either order; each side waits here for the other.

    Invariant: a track is in `announced` or carried by at most one section, never both.
    """

    participant: ParticipantSid
    pc: PeerConnection
    announced: dict[TrackSid, Announced] = field(default_factory=dict)
    sections: dict[str, SectionState] = field(default_factory=dict)
    only_preferred_codec: bool = False

    def knows(self, track: TrackSid) -> bool:
        return track in self.announced or self._carrying(track) is not None

    def announce(self, cid: str, info: TrackInfo) -> list[SessionEffect]:
        """The room has taken the track. Perhaps its section is here already."""
        if self.knows(info.sid):
            return []
        names = frozenset({cid, *(codec.cid for codec in info.codecs)}) - {""}
        self.announced[info.sid] = Announced(info, names)
        waiting = [(mid, state) for mid, state in self.sections.items() if isinstance(state, Unmatched)]
        for mid, state in waiting:
            if _name(state.section) in names:
                return self._carry(mid, state, info)
        for mid, state in waiting:
            if state.section.kind == info.kind and self._is_anonymous(state.section):
                return self._carry(mid, state, info)
        return []

    def accept(self, offer: SessionDescription) -> tuple[dict[str, Receive], list[SessionEffect]]:
        """Read an offer: what was unpublished, and what to answer to each section that sends."""
        sending = {
            section.mid: section for section in offer.sections if section.sends and section.kind != "application"
        }
        effects = [effect for mid in list(self.sections) if mid not in sending for effect in self._stopped(mid)]
        plan: dict[str, Receive] = {}
        for mid, section in sending.items():
            match self.sections.get(mid):
                case Carrying(receive=receive) | Withdrawn(receive=receive):
                    plan[mid] = receive
                case Unmatched() | None:
                    track = self._match(section, list(sending.values()))
                    plan[mid] = self._receive(track)
        return plan, effects

    def answered(self, offer: SessionDescription, plan: dict[str, Receive]) -> list[SessionEffect]:
        """The offer was answered by `plan`: receive what it brought."""
        effects: list[SessionEffect] = []
        sections = [section for mid in plan if (section := offer.section(mid)) is not None]
        for section in sections:
            match self.sections.get(section.mid):
                case Carrying() as carrying:
                    effects += self._renew(section, carrying)
                case Withdrawn():
                    pass
                case Unmatched() | None:
                    state = Unmatched(section, plan[section.mid])
                    self.sections[section.mid] = state
                    track = self._match(section, sections)
                    effects += self._carry(section.mid, state, track.info) if track else []
        return effects

    def withdraw(self, track: TrackSid) -> list[SessionEffect]:
        """The room has ended the track."""
        self.announced.pop(track, None)
        found = self._carrying(track)
        if found is None:
            return []
        mid, carrying = found
        self.sections[mid] = Withdrawn(carrying.receive)
        return [AskCore(RemoveProducer(producer=carrying.producer))]

    def mute(self, track: TrackSid, *, muted: bool) -> list[SessionEffect]:
        found = self._carrying(track)
        return [] if found is None else [AskCore(PauseProducer(producer=found[1].producer, paused=muted))]

    def _match(self, section: MediaSection, sending: list[MediaSection]) -> Announced | None:
        """By the client's name for it; else the first of its kind that no section names (Firefox renames tracks)."""
        name = _name(section)
        for announced in self.announced.values():
            if name in announced.names:
                return announced
        named = {_name(other) for other in sending}
        for announced in self.announced.values():
            if announced.info.kind == section.kind and not announced.names & named:
                return announced
        return None

    def _is_anonymous(self, section: MediaSection) -> bool:
        """Whether no announced track claims the section by name."""
        name = _name(section)
        return not any(name in announced.names for announced in self.announced.values())

    def _receive(self, track: Announced | None) -> Receive:
        if track is None:
            return Receive()
        info = track.info
        return Receive(
            preferred_mime_type=info.mime_type,
            only_preferred=self.only_preferred_codec and info.kind == "video",
            dtx=not info.disable_dtx,
            # What is encrypted end to end hides where one block of it ends.
            red=not info.disable_red and info.encryption is Encryption.NONE,
            stereo=info.stereo,
        )

    def _carry(self, mid: str, state: Unmatched, info: TrackInfo) -> list[SessionEffect]:
        """Section and track have found each other."""
        try:
            parameters = producer_parameters(state.section, state.receive)
        except SdpError:
            return [Count("track_without_usable_codec")]
        del self.announced[info.sid]
        producer = self.pc.media.producer_id()
        self.sections[mid] = Carrying(info.sid, producer, state.receive, parameters)
        return self._received(info.sid, producer, parameters)

    def _renew(self, section: MediaSection, carrying: Carrying) -> list[SessionEffect]:
        """A carried section was offered again; tell the core only what changed."""
        try:
            parameters = producer_parameters(section, carrying.receive)
        except SdpError:
            return self._stopped(section.mid)
        if parameters == carrying.parameters:
            return []
        self.sections[section.mid] = Carrying(carrying.track, carrying.producer, carrying.receive, parameters)
        return self._received(carrying.track, carrying.producer, parameters)

    def _received(self, track: TrackSid, producer: ProducerId, parameters: ProducerParameters) -> list[SessionEffect]:
        negotiated = TrackNegotiated(
            participant=self.participant, track=track, producer=producer, parameters=parameters
        )
        add = AddProducer(producer=producer, transport=self.pc.transport, parameters=parameters)
        return [AskCore(add), TellRoom(negotiated)]

    def _stopped(self, mid: str) -> list[SessionEffect]:
        """The client sends nothing on this section any more: that is how it unpublishes."""
        match self.sections.pop(mid, None):
            case Carrying(track=track, producer=producer):
                gone = UnpublishTrack(participant=self.participant, track=track)
                return [AskCore(RemoveProducer(producer=producer)), TellRoom(gone)]
            case _:
                return []

    def _carrying(self, track: TrackSid) -> tuple[str, Carrying] | None:
        for mid, state in self.sections.items():
            if isinstance(state, Carrying) and state.track == track:
                return mid, state
        return None


def _name(section: MediaSection) -> str:
    """What the client calls the track on this section (its MediaStreamTrack id)."""
    return "" if section.msid is None else section.msid.track_id
