"""What a room holds. The modules beside this one are its reactions; `room.Room` chooses among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from media.parameters import ProducerId
from rooms.live.data_replay import DataReplay
from rooms.live.dynacast import Dynacast
from rooms.live.gathering import Gathering
from rooms.live.ids import Identity, ParticipantSid, RoomSid, Seconds, SidGenerator, TrackSid, UnixSeconds
from rooms.live.info import RoomInfo
from rooms.live.limits import Limits
from rooms.live.participant import Participant
from rooms.live.quality import Qualities
from rooms.live.speakers import Speakers
from rooms.live.track import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """`empty` is how long a room waits for its first participant, `departure` for anybody after the last has left.

    `resume` is how long a seat is kept without any sign of its client.
    """

    empty: Seconds = 300.0
    departure: Seconds = 20.0
    resume: Seconds = 30.0


@dataclass(frozen=True, slots=True)
class Empty:
    """Nobody is here; the room closes at `until`."""

    until: Seconds


@dataclass(frozen=True, slots=True)
class Occupied:
    """Somebody is here."""


@dataclass(frozen=True, slots=True)
class Over:
    """The room is closed for good."""


Occupancy = Empty | Occupied | Over


@dataclass(slots=True)
class RoomState:
    """Invariants: `seats` and `participants` mirror each other; every sid in `producers` is a live track's.

    `unix_offset` added to the caller's clock gives Unix time. `announce_at` is when changed counts are told.
    `floor` is who speaks, or spoke last. Those of whom a room with a crowd has only few are kept beside the crowd:
    `hidden` and `recorders` by their grants, `away` whose connection is lost, `settling` whose settings settle.
    """

    sid: RoomSid
    name: str
    metadata: str
    created_at: Seconds
    unix_offset: Seconds
    sids: SidGenerator
    timeouts: Timeouts
    limits: Limits
    occupancy: Occupancy
    participants: dict[ParticipantSid, Participant] = field(default_factory=dict)
    seats: dict[Identity, ParticipantSid] = field(default_factory=dict)
    hidden: set[ParticipantSid] = field(default_factory=set)
    recorders: set[ParticipantSid] = field(default_factory=set)
    away: set[ParticipantSid] = field(default_factory=set)
    settling: set[ParticipantSid] = field(default_factory=set)
    producers: dict[ProducerId, TrackSid] = field(default_factory=dict)
    publishers: dict[TrackSid, ParticipantSid] = field(default_factory=dict)
    speakers: Speakers = field(default_factory=Speakers)
    qualities: Qualities = field(default_factory=Qualities)
    dynacast: Dynacast = field(default_factory=Dynacast)
    floor: ParticipantSid | None = None
    replay: DataReplay = field(default_factory=DataReplay)
    nonces: dict[bytes, None] = field(default_factory=dict)
    announce_at: Seconds | None = None
    gathering: Gathering = field(default_factory=Gathering)
    version: int = 1

    def unix(self, now: Seconds) -> UnixSeconds:
        return now + self.unix_offset

    def by_identity(self, identity: Identity) -> Participant | None:
        sid = self.seats.get(identity)
        return None if sid is None else self.participants[sid]

    def track(self, sid: TrackSid) -> Track | None:
        """Any participant's track, declared or live."""
        publisher = self.publishers.get(sid)
        return None if publisher is None else self.participants[publisher].tracks[sid]

    def own_track(self, participant: ParticipantSid, track: TrackSid) -> Track | None:
        """The track, if it is this participant's own: nobody acts on what another publishes."""
        owner = self.participants.get(participant)
        return None if owner is None else owner.tracks.get(track)

    def seen_by(self, viewer: Participant) -> Iterator[Participant]:
        """Everybody whom `viewer` may know of, itself included."""
        return (participant for participant in self.participants.values() if viewer.sees(participant))

    def permitted(self, participant: Participant) -> None:
        """`participant` has sat down, or has got other grants."""
        for those, belongs in (
            (self.hidden, participant.permission.hidden),
            (self.recorders, participant.permission.recorder),
        ):
            (those.add if belongs else those.discard)(participant.sid)

    def vacated(self, participant: Participant) -> None:
        for those in (self.hidden, self.recorders, self.away, self.settling):
            those.discard(participant.sid)

    @property
    def num_visible(self) -> int:
        return len(self.participants) - len(self.hidden)

    def info(self) -> RoomInfo:
        publishers = {self.publishers[track] for track in self.producers.values()}
        return RoomInfo(
            sid=self.sid,
            name=self.name,
            metadata=self.metadata,
            created_at=self.unix(self.created_at),
            empty_timeout_seconds=self.timeouts.empty,
            departure_timeout_seconds=self.timeouts.departure,
            max_participants=self.limits.max_participants,
            num_participants=self.num_visible,
            num_publishers=len(publishers - self.hidden),
            active_recording=bool(self.recorders),
            version=self.version,
        )
