"""What a room tells one of its participants, passed on to the client and carried out in the core."""

from __future__ import annotations

from typing import assert_never

from rooms.live.effects import (
    BackupWanted,
    Dismissed,
    FirstSubscriber,
    ForwardingChanged,
    LayersWanted,
    News,
    Notice,
    ParticipantsChanged,
    PermissionChanged,
    PublishRefused,
    RequestAnswered,
    RequestStatus,
    StreamStateChanged,
    Subscribed,
    SubscriptionPermissionChanged,
    SubscriptionRefused,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
    Unsubscribed,
    Welcome,
    WelcomeBack,
)
from rooms.live.events import SignalLost
from rooms.live.info import DisconnectReason, ParticipantState
from signalling.client import responses
from signalling.client.join_message import Roster
from signalling.client.message import Message
from signalling.client.session_effects import AskCore, HangUp, RenewToken, Send, SessionEffect, TellRoom
from signalling.client.session_state import Ended, OnResume, Returned, SessionState, Unlinked

_HEARS_SUCCESS = 15
"""From this signal protocol on, clients expect to be told that a request was carried out."""
_HEARS_FIRST_SUBSCRIBER = 10


_REPEATED = frozenset(
    {
        "mute",
        "speakers_changed",
        "stream_state_update",
        "subscribed_quality_update",
        "subscription_permission_update",
        "track_subscribed",
    }
)
"""What a client that missed it would never learn from the snapshot at its return."""


def react(state: SessionState, notice: Notice) -> list[SessionEffect]:
    return _noting_what_is_missed(state, _react(state, notice))


def announced(state: SessionState, news: News, message: Message) -> list[SessionEffect]:
    """What several people are told; `message` says it. No deadline follows from it."""
    if isinstance(news, ParticipantsChanged):
        _note_changes(state, news)
    return _noting_what_is_missed(state, [Send(message)])


def _noting_what_is_missed(state: SessionState, effects: list[SessionEffect]) -> list[SessionEffect]:
    if isinstance(state.link, Unlinked):
        sent = (effect for effect in effects if isinstance(effect, Send))
        state.link.missed.extend(effect for effect in sent if effect.message.kind in _REPEATED)
    return effects


def _react(state: SessionState, notice: Notice) -> list[SessionEffect]:  # noqa: C901, PLR0911, PLR0912 - one line each
    match notice:
        case Welcome():
            raise AssertionError("a session is opened with its welcome")
        case WelcomeBack():
            return _welcomed_back(state, notice)
        case PermissionChanged(participant):
            state.info = participant
            return [RenewToken(participant)]
        case TrackPublished(cid, track):
            published = Send(responses.track_published(cid, track))
            return [published, *state.negotiation.receiving.announce(cid, track)]
        case PublishRefused():
            return [Send(responses.publish_refused(notice))]
        case TrackUnpublished(track, by_server):
            told = [Send(responses.track_unpublished(track))] if by_server else []
            return [*state.negotiation.receiving.withdraw(track), *told]
        case TrackMuted(track, muted, by_server):
            told = [Send(responses.mute(track, muted=muted))] if by_server else []
            return [*state.negotiation.receiving.mute(track, muted=muted), *told]
        case FirstSubscriber(track):
            return [Send(responses.track_subscribed(track))] if state.protocol >= _HEARS_FIRST_SUBSCRIBER else []
        case Subscribed():
            return state.negotiation.subscribed(notice)
        case Unsubscribed(track):
            return state.negotiation.unsubscribed(track)
        case ForwardingChanged():
            return state.negotiation.changed(notice)
        case StreamStateChanged():
            return [Send(responses.stream_state(notice))]
        case LayersWanted():
            return [Send(responses.layers_wanted(notice))]
        case BackupWanted():
            return [Send(responses.backup_wanted(notice))]
        case SubscriptionRefused():
            return [Send(responses.subscription_refused(notice))]
        case SubscriptionPermissionChanged():
            return [Send(responses.subscription_permission(notice))]
        case RequestAnswered():
            return _request_answered(state, notice)
        case Dismissed(reason):
            return _dismissed(state, reason)
        case _:
            assert_never(notice)


def welcomed(state: SessionState, welcome: Welcome, roster: Roster) -> list[SessionEffect]:
    """The first message, and transports for the descriptions to come."""
    primary = state.negotiation.primary != state.negotiation.uplink
    join = Send(responses.join(welcome, roster, node=state.node, subscriber_primary=primary))
    return [join, *state.negotiation.open(), RenewToken(welcome.participant)]


def _welcomed_back(state: SessionState, back: WelcomeBack) -> list[SessionEffect]:
    """In the order that clients insist on: `reconnect`, then everybody who is here or has left. Descriptions wait."""
    missed = state.link.missed if isinstance(state.link, Unlinked) else ()
    state.link = Returned()
    on_resume, state.on_resume = state.on_resume, OnResume.WELCOME
    if on_resume is OnResume.DROP_AT_ONCE:
        return drop(state)
    # Clients know people by identity: one who is back must not be said to have left.
    present = {info.identity for info in back.participants}
    departed = [info for info in state.departed.values() if info.identity not in present]
    greeting: list[SessionEffect] = [
        Send(responses.reconnect(back, node=state.node)),
        Send(responses.update([*back.participants, *departed])),
        Send(responses.room_update(back.room)),
    ]
    if on_resume is OnResume.DROP_AFTER_MESSAGES:
        return [*greeting, *drop(state)]
    declared = [Send(responses.track_published(cid, track)) for cid, track in back.declared]
    state.departed.clear()
    return [*greeting, RenewToken(state.info), *missed, *declared]


def drop(state: SessionState) -> list[SessionEffect]:
    """Lose the connection on purpose, as a failing network would."""
    state.link = Unlinked()
    return [HangUp(abruptly=True), TellRoom(SignalLost(participant=state.participant))]


def _note_changes(state: SessionState, news: ParticipantsChanged) -> None:
    for info in news.participants:
        if info.sid == state.participant:
            state.info = info
        if info.state is ParticipantState.DISCONNECTED:
            state.remember_departed(info)


def _request_answered(state: SessionState, notice: RequestAnswered) -> list[SessionEffect]:
    if notice.status is RequestStatus.OK and state.protocol < _HEARS_SUCCESS:
        return []
    return [Send(responses.request_answered(notice))]


def _dismissed(state: SessionState, reason: DisconnectReason) -> list[SessionEffect]:
    state.link = Ended()
    told = [] if reason is DisconnectReason.CLIENT_INITIATED else [Send(responses.leave(reason))]
    return [*told, HangUp(), *(AskCore(command) for command in state.negotiation.close())]
