"""Data messages: who may send them, who gets them, under which name."""

from __future__ import annotations

from rooms.live import announcing
from rooms.live.admin_actions import SendData
from rooms.live.data_replay import Missed
from rooms.live.data_subject import DataSubject
from rooms.live.effects import DataForNobody, DataRefused, DeliverData, Effect
from rooms.live.events import DataChannelReady, DataSent
from rooms.live.ids import NO_NAME, Identity, ParticipantSid, Seconds
from rooms.live.participant import Participant
from rooms.live.state import RoomState

_NONCES_KEPT = 128


def send(state: RoomState, now: Seconds, event: DataSent) -> list[Effect]:
    """A participant's message. It goes to whom it names, or to all, but never back; the name on it is ours."""
    sender = state.participants.get(event.participant)
    if sender is None:
        return []
    reason = _refusal(state, sender, event)
    if reason is not None:
        return [DataRefused(sender.sid, reason)]
    if event.reliable and event.sequence:
        sender.data.last_sequence = event.sequence
    recipients = [
        other
        for other in _addressed(state, event.to_identities, event.to_participants)
        if other is not sender and _may_get(other, event.subject)
    ]
    hidden = sender.permission.hidden
    delivery = DeliverData(
        to=(),
        reliable=event.reliable,
        sender_identity=NO_NAME if hidden else sender.identity,
        sender=ParticipantSid("") if hidden else sender.sid,
        payload=event.payload,
    )
    unclaimed = event.to_identities - state.seats.keys()
    outside: list[Effect] = []
    if unclaimed:
        outside.append(DataForNobody(sender=sender.identity, names=unclaimed, payload=event.payload))
    known = announcing.flush(state) if state.gathering.concerns(sender.sid) else []
    return [*known, *_deliver(state, now, recipients, delivery), *outside]


def send_from_server(state: RoomState, now: Seconds, action: SendData) -> list[Effect]:
    """A message of the server's own. A nonce seen before marks a repeated call."""
    if action.nonce:
        if action.nonce in state.nonces:
            return []
        state.nonces[action.nonce] = None
        if len(state.nonces) > _NONCES_KEPT:
            del state.nonces[next(iter(state.nonces))]
    recipients = _addressed(state, action.to_identities, action.to_participants)
    delivery = DeliverData(
        to=(),
        reliable=action.reliable,
        sender_identity=action.sender,
        sender=ParticipantSid(""),
        payload=action.payload,
    )
    return _deliver(state, now, recipients, delivery)


def channel_ready(state: RoomState, now: Seconds, event: DataChannelReady) -> list[Effect]:
    """The participant can be reached: what it missed while its channel was opening follows, in order."""
    participant = state.participants.get(event.participant)
    if participant is None or event.reliable in participant.data.ready:
        return []
    participant.data.ready.add(event.reliable)
    if not event.reliable:
        return []
    return [*state.replay.for_(participant.sid, now - state.limits.data_replay_seconds)]


def _refusal(state: RoomState, sender: Participant, event: DataSent) -> str | None:
    if not sender.permission.can_publish_data:
        return "data_not_allowed"
    if len(event.payload) > state.limits.data_message_bytes:
        return "data_too_large"
    if event.subject is DataSubject.TRANSCRIPTION and not sender.permission.agent:
        return "data_not_allowed"
    if event.reliable and 0 < event.sequence <= sender.data.last_sequence:
        return "data_repeated"
    return None


def _addressed(state: RoomState, identities: frozenset[Identity], sids: frozenset[ParticipantSid]) -> list[Participant]:
    """Those who are named, or everybody if nobody is."""
    everybody = state.participants.values()
    if not identities and not sids:
        return list(everybody)
    return [participant for participant in everybody if participant.identity in identities or participant.sid in sids]


def _may_get(participant: Participant, subject: DataSubject) -> bool:
    return subject is not DataSubject.METRICS or participant.permission.can_subscribe_metrics


def _deliver(state: RoomState, now: Seconds, recipients: list[Participant], delivery: DeliverData) -> list[Effect]:
    """To those whose channel is open; a reliable message is kept for the others for a little while."""
    ready = tuple(recipient.sid for recipient in recipients if delivery.reliable in recipient.data.ready)
    opening = frozenset(recipient.sid for recipient in recipients) - frozenset(ready)
    if delivery.reliable and opening:
        state.replay.keep(
            Missed(now, opening, delivery),
            max_age=state.limits.data_replay_seconds,
            max_bytes=state.limits.data_replay_bytes,
        )
    return [_to(ready, delivery)] if ready else []


def _to(recipients: tuple[ParticipantSid, ...], delivery: DeliverData) -> DeliverData:
    return DeliverData(
        to=recipients,
        reliable=delivery.reliable,
        sender_identity=delivery.sender_identity,
        sender=delivery.sender,
        payload=delivery.payload,
    )
