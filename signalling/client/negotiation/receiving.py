"""What a client publishes: matching its m-sections with the tracks it announced, and receiving them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from media.commands import AddProducer, PauseProducer, RemoveProducer
from media.parameters import ProducerId, ProducerParameters
from rooms.live.events import BackupNegotiated, TrackNegotiated, UnpublishBackup, UnpublishTrack
from rooms.live.ids import ParticipantSid, TrackSid
from rooms.live.info import Encryption, TrackInfo
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.sdp import MediaSection, Receive, SdpError, SessionDescription, producer_parameters
from signalling.client.session_effects import AskCore, Count, SessionEffect, TellRoom


@dataclass(frozen=True, slots=True)
class Announced:
    """A track that the room knows and no section carries yet. `names` are the client's: cid, and cids of its codecs.

    `is_backup` if it is the second codec of a track that another section carries.
    """

    info: TrackInfo
    names: frozenset[str]
    is_backup: bool = False


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
    is_backup: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The server ended this section's track; the client has yet to stop sending."""

    receive: Receive


SectionState = Unmatched | Carrying | Withdrawn


@dataclass(slots=True)
class Receiving:
    """Sections and announcements may come in either order; each side waits here for the other.

    Invariant: a track is in `announced` or carried by at most one section, never both; and so is its backup.
    """

    participant: ParticipantSid
    pc: PeerConnection
    announced: dict[TrackSid, Announced] = field(default_factory=dict)
    backups: dict[TrackSid, Announced] = field(default_factory=dict)
    sections: dict[str, SectionState] = field(default_factory=dict)
    only_preferred_codec: bool = False

    def knows(self, track: TrackSid) -> bool:
        return track in self.announced or bool(self._carrying(track))

    def announce(self, cid: str, info: TrackInfo) -> list[SessionEffect]:
        """The room has taken the track. Perhaps its section is here already."""
        if not self.knows(info.sid):
            names = frozenset({cid, *(codec.cid for codec in info.codecs)}) - {""}
            announced = self.announced[info.sid] = Announced(info, names)
        elif self._is_new_backup(cid, info):
            announced = self.backups[info.sid] = Announced(info, frozenset({cid}), is_backup=True)
        else:
            return []
        waiting = [(mid, state) for mid, state in self.sections.items() if isinstance(state, Unmatched)]
        for mid, state in waiting:
            if _name(state.section) in announced.names:
                return self._carry(mid, state, announced)
        for mid, state in waiting:
            if state.section.kind == info.kind and self._is_anonymous(state.section):
                return self._carry(mid, state, announced)
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
                    effects += self._carry(section.mid, state, track) if track else []
        return effects

    def withdraw(self, track: TrackSid) -> list[SessionEffect]:
        """The room has ended the track."""
        self.announced.pop(track, None)
        self.backups.pop(track, None)
        carrying = self._carrying(track)
        for mid, state in carrying.items():
            self.sections[mid] = Withdrawn(state.receive)
        return [AskCore(RemoveProducer(producer=state.producer)) for state in carrying.values()]

    def mute(self, track: TrackSid, *, muted: bool) -> list[SessionEffect]:
        carrying = self._carrying(track).values()
        return [AskCore(PauseProducer(producer=state.producer, paused=muted)) for state in carrying]

    def _match(self, section: MediaSection, sending: list[MediaSection]) -> Announced | None:
        """By the client's name for it; else the first of its kind that no section names (Firefox renames tracks)."""
        name = _name(section)
        waiting = [*self.announced.values(), *self.backups.values()]
        for announced in waiting:
            if name in announced.names:
                return announced
        named = {_name(other) for other in sending}
        for announced in waiting:
            if announced.info.kind == section.kind and not announced.names & named:
                return announced
        return None

    def _is_anonymous(self, section: MediaSection) -> bool:
        """Whether no announced track claims the section by name."""
        name = _name(section)
        return not any(name in announced.names for announced in [*self.announced.values(), *self.backups.values()])

    def _is_new_backup(self, cid: str, info: TrackInfo) -> bool:
        """Whether this is the second codec of a track that we know, and nothing was heard of it yet."""
        is_second = any(codec.cid == cid for codec in info.codecs[1:])
        return is_second and not any(state.is_backup for state in self._carrying(info.sid).values())

    def _receive(self, track: Announced | None) -> Receive:
        if track is None:
            return Receive()
        info = track.info
        return Receive(
            preferred_mime_type=info.codecs[-1].mime_type if track.is_backup else info.mime_type,
            only_preferred=self.only_preferred_codec and info.kind == "video",
            dtx=not info.disable_dtx,
            # What is encrypted end to end hides where one block of it ends.
            red=not info.disable_red and info.encryption is Encryption.NONE,
            stereo=info.stereo,
        )

    def _carry(self, mid: str, state: Unmatched, track: Announced) -> list[SessionEffect]:
        """Section and track have found each other."""
        try:
            parameters = producer_parameters(state.section, state.receive)
        except SdpError:
            return [Count("track_without_usable_codec")]
        del (self.backups if track.is_backup else self.announced)[track.info.sid]
        producer = self.pc.media.producer_id()
        carrying = Carrying(track.info.sid, producer, state.receive, parameters, track.is_backup)
        self.sections[mid] = carrying
        return self._received(carrying)

    def _renew(self, section: MediaSection, carrying: Carrying) -> list[SessionEffect]:
        """A carried section was offered again; tell the core only what changed."""
        try:
            parameters = producer_parameters(section, carrying.receive)
        except SdpError:
            return self._stopped(section.mid)
        if parameters == carrying.parameters:
            return []
        renewed = replace(carrying, parameters=parameters)
        self.sections[section.mid] = renewed
        return self._received(renewed)

    def _received(self, carrying: Carrying) -> list[SessionEffect]:
        event = BackupNegotiated if carrying.is_backup else TrackNegotiated
        negotiated = event(
            participant=self.participant,
            track=carrying.track,
            producer=carrying.producer,
            parameters=carrying.parameters,
        )
        add = AddProducer(producer=carrying.producer, transport=self.pc.transport, parameters=carrying.parameters)
        return [AskCore(add), TellRoom(negotiated)]

    def _stopped(self, mid: str) -> list[SessionEffect]:
        """The client sends nothing on this section any more: that is how it unpublishes."""
        match self.sections.pop(mid, None):
            case Carrying(track=track, producer=producer, is_backup=is_backup):
                event = UnpublishBackup if is_backup else UnpublishTrack
                gone = event(participant=self.participant, track=track)
                return [AskCore(RemoveProducer(producer=producer)), TellRoom(gone)]
            case _:
                return []

    def _carrying(self, track: TrackSid) -> dict[str, Carrying]:
        """The sections that carry the track: one, or two if it is sent in two codecs."""
        carrying = ((mid, state) for mid, state in self.sections.items() if isinstance(state, Carrying))
        return {mid: state for mid, state in carrying if state.track == track}


def _name(section: MediaSection) -> str:
    """What the client calls the track on this section (its MediaStreamTrack id)."""
    return "" if section.msid is None else section.msid.track_id
