"""What somebody who may administer the room does to it, and what participants may change about themselves."""

from __future__ import annotations

from rooms.live import announcing, messaging, publishing, seating, subscribing
from rooms.live.admin_actions import (
    AdminOutcome,
    DeleteRoom,
    Done,
    Failure,
    FailureKind,
    MutePublishedTrack,
    RemoveParticipant,
    SendData,
    UpdateParticipant,
    UpdateRoomMetadata,
    UpdateSubscriptions,
)
from rooms.live.described import describe, merged, too_large
from rooms.live.effects import (
    Administered,
    Announce,
    Effect,
    Notify,
    ParticipantsChanged,
    PermissionChanged,
    RequestAnswered,
    RequestStatus,
)
from rooms.live.events import Administer, Subscribe, UpdateOwnMetadata
from rooms.live.ids import Identity, Seconds
from rooms.live.info import DisconnectReason
from rooms.live.participant import Participant
from rooms.live.permission import Permission
from rooms.live.state import RoomState

Reaction = tuple[AdminOutcome, list[Effect]]


def administer(state: RoomState, now: Seconds, event: Administer) -> list[Effect]:
    outcome, effects = _react(state, now, event)
    return [*effects, Administered(event.request, outcome)]


def update_own_metadata(state: RoomState, event: UpdateOwnMetadata) -> list[Effect]:
    """A participant describes itself anew, if its token lets it."""
    participant = state.participants.get(event.participant)
    if participant is None:
        return []
    if not participant.permission.can_update_own_metadata:
        return [_answer(participant, event, RequestStatus.NOT_ALLOWED, "you may not change your own metadata")]
    attributes = merged(participant.attributes, event.attributes)
    problem = too_large(state.limits, name=event.name, metadata=event.metadata, attributes=attributes)
    if problem is not None:
        return [_answer(participant, event, RequestStatus.LIMIT_EXCEEDED, problem)]
    describe(participant, name=event.name, metadata=event.metadata, attributes=attributes)
    effects = announcing.changed(state, participant)
    effects.append(Notify(participant.sid, PermissionChanged(participant.info())))
    return [*effects, _answer(participant, event, RequestStatus.OK)]


def _answer(participant: Participant, event: UpdateOwnMetadata, status: RequestStatus, message: str = "") -> Effect:
    return Notify(participant.sid, RequestAnswered(request=event.request, status=status, message=message))


def _react(state: RoomState, now: Seconds, event: Administer) -> Reaction:
    match event.action:
        case RemoveParticipant(identity):
            return _remove(state, now, identity)
        case MutePublishedTrack() as action:
            return _mute(state, action)
        case UpdateParticipant() as action:
            return _update(state, now, action)
        case UpdateSubscriptions() as action:
            return _subscribe(state, action)
        case SendData() as action:
            return _send(state, now, action)
        case UpdateRoomMetadata(metadata):
            return _update_room(state, metadata)
        case DeleteRoom():
            return Done(), seating.close(state, now, DisconnectReason.ROOM_DELETED)


def _remove(state: RoomState, now: Seconds, identity: Identity) -> Reaction:
    participant = state.by_identity(identity)
    if participant is None:
        return _nobody(identity), []
    return Done(), seating.vacate(state, now, participant, DisconnectReason.PARTICIPANT_REMOVED)


def _mute(state: RoomState, action: MutePublishedTrack) -> Reaction:
    participant = state.by_identity(action.identity)
    if participant is None:
        return _nobody(action.identity), []
    track = participant.tracks.get(action.track)
    if track is None:
        return Failure(FailureKind.NOT_FOUND, f"{action.identity} publishes no track {action.track}"), []
    if track.muted and not action.muted:
        return Failure(FailureKind.FAILED_PRECONDITION, "only its owner may unmute a track"), []
    effects = publishing.set_muted(state, track, muted=action.muted, by_server=True)
    return Done(track.info()), effects


def _update(state: RoomState, now: Seconds, action: UpdateParticipant) -> Reaction:
    participant = state.by_identity(action.identity)
    if participant is None:
        return _nobody(action.identity), []
    attributes = merged(participant.attributes, action.attributes)
    problem = too_large(state.limits, name=action.name, metadata=action.metadata, attributes=attributes)
    if problem is not None:
        return Failure(FailureKind.INVALID_ARGUMENT, problem), []
    describe(participant, name=action.name, metadata=action.metadata, attributes=attributes)
    effects = [] if action.permission is None else _permit(state, now, participant, action.permission)
    effects += announcing.changed(state, participant)
    effects.append(Notify(participant.sid, PermissionChanged(participant.info())))
    return Done(participant.info()), effects


def _permit(state: RoomState, now: Seconds, participant: Participant, permission: Permission) -> list[Effect]:
    """New grants hold at once, for what is already published and subscribed too."""
    before, participant.permission = participant.permission, permission
    state.permitted(participant)
    effects = publishing.withdraw_forbidden(state, now, participant)
    if permission.hidden and not before.hidden:
        effects += _vanish(state, participant)
    effects += subscribing.reconcile_publisher(state, participant)
    effects += subscribing.reconcile_subscriber(state, participant)
    if (permission.hidden, permission.recorder) != (before.hidden, before.recorder):
        effects += announcing.room_changed(state)
    return effects


def _vanish(state: RoomState, participant: Participant) -> list[Effect]:
    """To the others, somebody who is hidden from now on has left."""
    participant.version += 1
    gone = ParticipantsChanged((participant.info(left=DisconnectReason.UNKNOWN),))
    others = tuple(viewer for viewer in state.participants if viewer != participant.sid)
    return [*announcing.flush(state), Announce(others, gone)]


def _subscribe(state: RoomState, action: UpdateSubscriptions) -> Reaction:
    participant = state.by_identity(action.identity)
    if participant is None:
        return _nobody(action.identity), []
    wish = Subscribe(participant=participant.sid, tracks=action.tracks, wanted=action.wanted)
    return Done(), subscribing.subscribe(state, wish)


def _send(state: RoomState, now: Seconds, action: SendData) -> Reaction:
    if len(action.payload) > state.limits.data_message_bytes:
        message = f"a data message has at most {state.limits.data_message_bytes} bytes"
        return Failure(FailureKind.INVALID_ARGUMENT, message), []
    return Done(), messaging.send_from_server(state, now, action)


def _update_room(state: RoomState, metadata: str) -> Reaction:
    problem = too_large(state.limits, name=None, metadata=metadata, attributes=None)
    if problem is not None:
        return Failure(FailureKind.INVALID_ARGUMENT, problem), []
    state.metadata = metadata
    effects = announcing.room_changed(state)
    return Done(state.info()), effects


def _nobody(identity: Identity) -> Failure:
    return Failure(FailureKind.NOT_FOUND, f"no participant {identity} in this room")
