"""Who sits where: joining, coming back, being away, leaving."""

from __future__ import annotations

from rooms.live import announcing, publishing, subscribing
from rooms.live.described import merged, too_large
from rooms.live.effects import (
    Admitted,
    Announce,
    Closed,
    Dismissed,
    Effect,
    FactKind,
    Notify,
    ParticipantsChanged,
    Refusal,
    Refused,
    Resumed,
    Welcome,
    WelcomeBack,
)
from rooms.live.events import Join, Leave, Resume, SignalLost
from rooms.live.ids import Seconds
from rooms.live.info import DisconnectReason
from rooms.live.limits import NAME_LENGTH_CHARACTERS
from rooms.live.participant import MediaPending, Participant, SignalGone, SignalHere
from rooms.live.state import Empty, Occupied, Over, RoomState
from rooms.live.subscription import Subscriptions
from rooms.live.track import Declared

_KNOWS_REPLACEMENT = 12
"""From this signal protocol on, clients take a new sid for an identity as the replacement of the old one."""


def refusal(state: RoomState, event: Join) -> Refusal | None:
    """Why `event` would not be given a seat, None if it would."""
    if isinstance(state.occupancy, Over):
        return Refusal.ROOM_CLOSED
    if not 0 < len(event.identity) <= NAME_LENGTH_CHARACTERS:
        return Refusal.TOO_LARGE
    if too_large(state.limits, name=event.name, metadata=event.metadata, attributes=event.attributes):
        return Refusal.TOO_LARGE
    seated = state.by_identity(event.identity)
    others = state.num_visible - (seated is not None and not seated.permission.hidden)
    if 0 < state.limits.max_participants <= others and not event.permission.hidden:
        return Refusal.ROOM_FULL
    return None


def join(state: RoomState, now: Seconds, event: Join) -> list[Effect]:
    """Take a seat. Whoever sat there under the same identity makes room."""
    reason = refusal(state, event)
    if reason is not None:
        return [Refused(event.connection, reason)]
    replaced = state.by_identity(event.identity)
    effects = _replace(state, now, replaced) if replaced else []
    participant = _seat(state, now, event)
    others = tuple(other.told or other.tell() for other in state.seen_by(participant) if other is not participant)
    effects.append(Admitted(event.connection, participant.sid))
    welcome = Welcome(participant=participant.info(), others=others, room=state.info())
    effects.append(Notify(participant.sid, welcome))
    effects += announcing.arrived(state, now, participant)
    if replaced:
        effects += announcing.flush(state)
    return effects + subscribing.reconcile_subscriber(state, participant)


def resume(state: RoomState, event: Resume) -> list[Effect]:
    """Come back to a seat that was kept. The identity must be the one that sits there."""
    participant = state.participants.get(event.participant)
    if participant is None or participant.identity != event.identity:
        return [Refused(event.connection, Refusal.UNKNOWN_PARTICIPANT)]
    participant.signal = SignalHere()
    state.away.discard(participant.sid)
    back = WelcomeBack(
        participants=tuple(other.info() for other in state.seen_by(participant)),
        room=state.info(),
        last_sequence=participant.data.last_sequence,
        declared=tuple(
            (track.request.cid, track.info())
            for track in participant.tracks.values()
            if isinstance(track.media, Declared)
        ),
    )
    # First what is still to be told: some of it is of people whom the snapshot no longer shows.
    return [*announcing.flush(state), Resumed(event.connection, participant.sid), Notify(participant.sid, back)]


def signal_lost(state: RoomState, now: Seconds, event: SignalLost) -> list[Effect]:
    participant = state.participants.get(event.participant)
    if participant is None:
        return []
    participant.signal = SignalGone(now)
    state.away.add(participant.sid)
    return due(state, now)


def leave(state: RoomState, now: Seconds, event: Leave) -> list[Effect]:
    participant = state.participants.get(event.participant)
    return [] if participant is None else vacate(state, now, participant, event.reason)


def due(state: RoomState, now: Seconds) -> list[Effect]:
    """Give up the seats of those who did not come back, then the room that nobody came to."""
    effects: list[Effect] = []
    for participant in _away(state):
        until = participant.kept_until(state.timeouts.resume)
        if until is not None and until <= now:
            effects += vacate(state, now, participant, _why_lost(participant))
    if isinstance(state.occupancy, Empty) and state.occupancy.until <= now:
        effects += close(state, now, DisconnectReason.ROOM_CLOSED)
    return effects


def deadline(state: RoomState) -> Seconds | None:
    seats = (participant.kept_until(state.timeouts.resume) for participant in _away(state))
    times = [until for until in seats if until is not None]
    if isinstance(state.occupancy, Empty):
        times.append(state.occupancy.until)
    return min(times, default=None)


def vacate(state: RoomState, now: Seconds, participant: Participant, reason: DisconnectReason) -> list[Effect]:
    """Take the participant out, and tell it and everybody who knew of it."""
    published = bool(participant.live_tracks)
    effects = _remove(state, now, participant, reason)
    return effects + announcing.departed(state, now, participant, reason, promptly=published)


def close(state: RoomState, now: Seconds, reason: DisconnectReason) -> list[Effect]:
    """End the room for everybody."""
    if isinstance(state.occupancy, Over):
        return []
    effects: list[Effect] = []
    for participant in list(state.participants.values()):
        effects += _remove(state, now, participant, reason)
    state.occupancy = Over()
    return [*effects, announcing.finished(state, reason), Closed()]


def _seat(state: RoomState, now: Seconds, event: Join) -> Participant:
    participant = Participant(
        sid=state.sids.participant(),
        identity=event.identity,
        name=event.name,
        metadata=event.metadata,
        attributes=merged({}, event.attributes),
        kind=event.kind,
        permission=event.permission,
        client=event.client,
        joined_at=state.unix(now),
        subscriptions=Subscriptions(automatic=event.auto_subscribe, adaptive=event.adaptive_stream),
    )
    state.participants[participant.sid] = participant
    state.seats[participant.identity] = participant.sid
    state.permitted(participant)
    state.occupancy = Occupied()
    announcing.counts_changed(state, now)
    return participant


def _replace(state: RoomState, now: Seconds, replaced: Participant) -> list[Effect]:
    """The same identity joins anew: only old clients need to be told that the first sid is over."""
    reason = DisconnectReason.DUPLICATE_IDENTITY
    effects = _remove(state, now, replaced, reason)
    if replaced.permission.hidden:
        return effects
    gone = ParticipantsChanged((replaced.info(left=reason),))
    viewers = (viewer for viewer in state.participants.values() if viewer.client.protocol < _KNOWS_REPLACEMENT)
    return [*effects, Announce(tuple(viewer.sid for viewer in viewers), gone)]


def _remove(state: RoomState, now: Seconds, participant: Participant, reason: DisconnectReason) -> list[Effect]:
    """Free the seat: its tracks go first, then what it was sent, then itself."""
    participant.version += 1
    effects: list[Effect] = []
    for track in list(participant.tracks.values()):
        effects += publishing.withdraw(state, now, participant, track, by_server=False)
    for sid in list(participant.subscriptions.current):
        received = state.track(sid)
        assert received is not None, "what is over is sent to nobody"
        subscribing.stop(state, participant, received)
    del state.participants[participant.sid]
    del state.seats[participant.identity]
    state.vacated(participant)
    state.gathering.forget(participant.sid)
    state.speakers.forget(participant.sid)
    state.qualities.forget(participant.sid)
    announcing.counts_changed(state, now)
    if not state.participants and isinstance(state.occupancy, Occupied):
        state.occupancy = Empty(now + state.timeouts.departure)
    met = not isinstance(participant.media, MediaPending)
    kind = FactKind.PARTICIPANT_LEFT if met else FactKind.PARTICIPANT_CONNECTION_ABORTED
    effects.append(Notify(participant.sid, Dismissed(reason)))
    return [*effects, announcing.fact(state, kind, participant.info(left=reason))]


def _away(state: RoomState) -> list[Participant]:
    """Those without a connection, in an order that does not depend on chance."""
    return [state.participants[sid] for sid in sorted(state.away)]


def _why_lost(participant: Participant) -> DisconnectReason:
    never_met = isinstance(participant.media, MediaPending)
    return DisconnectReason.SIGNAL_CLOSE if never_met else DisconnectReason.CONNECTION_TIMEOUT
