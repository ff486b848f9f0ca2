"""Telling people: who learns of a change to a participant, and of a change to the room.

What a publisher does is told at once, and all that still waited goes before it in the same message; what concerns only
somebody who listens is gathered.
"""

from __future__ import annotations

from rooms.live.effects import Announce, Effect, Fact, FactKind, ParticipantsChanged, RoomChanged
from rooms.live.ids import Seconds
from rooms.live.info import DisconnectReason, ParticipantInfo, TrackInfo
from rooms.live.participant import FIRST_VERSION, MediaPending, Participant
from rooms.live.state import RoomState
from rooms.live.track import Track

COUNTS_SECONDS: Seconds = 5.0
"""Head counts are told at most this often, since everybody hears of each person anyway."""


def changed(state: RoomState, participant: Participant) -> list[Effect]:
    """`participant` is not what it was: everybody who may know of it is told now, itself included."""
    participant.version += 1
    if participant.permission.hidden:
        return [Announce((participant.sid,), ParticipantsChanged((participant.tell(),)))]
    state.gathering.change(participant.sid)
    return flush(state)


def changed_quietly(state: RoomState, now: Seconds, participant: Participant) -> list[Effect]:
    """As `changed`, but of somebody who publishes nothing it is told a moment later, together with other such news."""
    if participant.permission.hidden or participant.live_tracks:
        return changed(state, participant)
    participant.version += 1
    state.gathering.change(participant.sid)
    return _flush_if_quiet(state, now)


def arrived(state: RoomState, now: Seconds, participant: Participant) -> list[Effect]:
    """Somebody has sat down, who knows that. If the seat was only just left, that is told before."""
    before = flush(state) if participant.identity in state.gathering.departed else []
    if participant.permission.hidden:
        return before
    state.gathering.change(participant.sid)
    return before + _flush_if_quiet(state, now)


def departed(
    state: RoomState, now: Seconds, participant: Participant, reason: DisconnectReason, *, promptly: bool
) -> list[Effect]:
    """Somebody has left; `promptly` if it published."""
    if participant.permission.hidden:
        return []
    state.gathering.depart(participant.info(left=reason))
    return flush(state) if promptly else _flush_if_quiet(state, now)


def flush(state: RoomState) -> list[Effect]:
    """Tell everybody what has been gathered; but nobody of nothing else than its own arrival."""
    gone, sids = state.gathering.take()
    present = (state.participants[sid] for sid in sids)
    infos = (*gone, *(participant.tell() for participant in present if not participant.permission.hidden))
    newcomer = infos[0].sid if len(infos) == 1 and infos[0].version == FIRST_VERSION else None
    viewers = tuple(sid for sid in state.participants if sid != newcomer)
    return [Announce(viewers, ParticipantsChanged(infos))] if infos and viewers else []


def room_changed(state: RoomState) -> list[Effect]:
    """The room itself is not what it was: everybody is told now."""
    state.version += 1
    state.announce_at = None
    return [Announce(tuple(state.participants), RoomChanged(state.info()))]


def counts_changed(state: RoomState, now: Seconds) -> None:
    """Heads or publishers were counted anew: everybody is told before long."""
    if state.announce_at is None:
        state.announce_at = now + COUNTS_SECONDS


def due(state: RoomState, now: Seconds) -> list[Effect]:
    effects = _flush_if_quiet(state, now)
    if state.announce_at is not None and state.announce_at <= now:
        effects += room_changed(state)
    return effects


def _flush_if_quiet(state: RoomState, now: Seconds) -> list[Effect]:
    if not state.gathering.may_be_told(now):
        return []
    effects = flush(state)
    if effects:
        state.gathering.told(now)
    return effects


def fact(
    state: RoomState, kind: FactKind, participant: ParticipantInfo | None = None, track: TrackInfo | None = None
) -> Fact:
    return Fact(kind=kind, room=state.info(), participant=participant, track=track)


def joined(state: RoomState, now: Seconds, participant: Participant) -> list[Fact]:
    """The participant is really here: its first media has connected. What it published before that is told after it."""
    info = participant.info()
    took = state.unix(now) - info.joined_at
    arrival = Fact(kind=FactKind.PARTICIPANT_JOINED, room=state.info(), participant=info, join_seconds=took)
    tracks = participant.live_tracks
    return [arrival, *(fact(state, FactKind.TRACK_PUBLISHED, info, track.info()) for track in tracks)]


def track_fact(state: RoomState, kind: FactKind, publisher: Participant, track: Track) -> list[Fact]:
    """Nothing is told of the tracks of somebody who is not told of yet: see `joined`."""
    if isinstance(publisher.media, MediaPending):
        return []
    return [fact(state, kind, publisher.info(), track.info())]


def finished(state: RoomState, reason: DisconnectReason) -> Fact:
    return Fact(kind=FactKind.ROOM_FINISHED, room=state.info(), ended=reason)
