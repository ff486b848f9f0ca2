"""Telling people: who learns of a change to a participant, and of a change to the room."""

from __future__ import annotations

from rooms.live.effects import Effect, Fact, FactKind, Notify, ParticipantsChanged, RoomChanged
from rooms.live.ids import Seconds
from rooms.live.info import DisconnectReason, ParticipantInfo, TrackInfo
from rooms.live.participant import Participant
from rooms.live.state import RoomState

COUNTS_SECONDS: Seconds = 5.0
"""Head counts are told at most this often, since everybody hears of each person anyway."""


def changed(state: RoomState, participant: Participant) -> list[Effect]:
    """`participant` is not what it was: everybody who may know of it is told, itself included."""
    participant.version += 1
    notice = ParticipantsChanged((participant.info(),))
    return [Notify(viewer.sid, notice) for viewer in state.who_sees(participant)]


def room_changed(state: RoomState) -> list[Effect]:
    """The room itself is not what it was: everybody is told now."""
    state.version += 1
    state.announce_at = None
    notice = RoomChanged(state.info())
    return [Notify(sid, notice) for sid in state.participants]


def counts_changed(state: RoomState, now: Seconds) -> None:
    """Heads or publishers were counted anew: everybody is told before long."""
    if state.announce_at is None:
        state.announce_at = now + COUNTS_SECONDS


def due(state: RoomState, now: Seconds) -> list[Effect]:
    if state.announce_at is not None and state.announce_at <= now:
        return room_changed(state)
    return []


def fact(
    state: RoomState, kind: FactKind, participant: ParticipantInfo | None = None, track: TrackInfo | None = None
) -> Fact:
    return Fact(kind=kind, room=state.info(), participant=participant, track=track)


def joined(state: RoomState, now: Seconds, participant: ParticipantInfo) -> Fact:
    """The participant is really here: its first media has connected."""
    took = state.unix(now) - participant.joined_at
    return Fact(kind=FactKind.PARTICIPANT_JOINED, room=state.info(), participant=participant, join_seconds=took)


def finished(state: RoomState, reason: DisconnectReason) -> Fact:
    return Fact(kind=FactKind.ROOM_FINISHED, room=state.info(), ended=reason)
