"""Who is sent what: wishes, grants and publishers' rules, brought together for each subscriber and track."""

from __future__ import annotations

from dataclasses import replace

from rooms.live.effects import (
    BackupWanted,
    Effect,
    FirstSubscriber,
    ForwardingChanged,
    Notify,
    Subscribed,
    SubscriptionPermissionChanged,
    SubscriptionRefused,
    Unsubscribed,
)
from rooms.live.events import (
    ChangeTrackSettings,
    SetSubscriptionPermission,
    Subscribe,
    SubscriptionImpossible,
)
from rooms.live.ids import Seconds, TrackSid
from rooms.live.layers import Forwarding, forwarding, spatial_layers
from rooms.live.participant import Participant
from rooms.live.priorities import priority
from rooms.live.state import RoomState
from rooms.live.subscription import SubscriptionPermission
from rooms.live.track import Live, Track


def subscribe(state: RoomState, event: Subscribe) -> list[Effect]:
    """A wish for or against some tracks; what the subscriber may not know of does not exist for it."""
    subscriber = state.participants.get(event.participant)
    if subscriber is None:
        return []
    effects: list[Effect] = []
    for sid in dict.fromkeys(event.tracks[: state.limits.sids_per_request]):
        track = _visible_track(state, subscriber, sid)
        if track is None:
            if event.wanted:
                effects.append(Notify(subscriber.sid, SubscriptionRefused(sid, codec_unsupported=False)))
            continue
        subscriber.subscriptions.wishes[sid] = event.wanted
        subscriber.subscriptions.impossible.discard(sid)
        effects += reconcile(state, subscriber, track)
    return effects


def impossible(state: RoomState, event: SubscriptionImpossible) -> list[Effect]:
    """A client cannot take a track as it is sent: its publisher is asked for another codec, or the client told."""
    subscriber = state.participants.get(event.participant)
    track = state.track(event.track)
    if subscriber is None or track is None:
        return []
    subscriber.subscriptions.impossible.add(event.track)
    if track.unsent_codec is not None:
        told = Notify(track.publisher, BackupWanted(track.sid, track.unsent_codec))
    else:
        told = Notify(subscriber.sid, SubscriptionRefused(event.track, codec_unsupported=True))
    return [told, *reconcile(state, subscriber, track)]


def set_permission(state: RoomState, event: SetSubscriptionPermission) -> list[Effect]:
    """A publisher decides whom it admits; those no longer admitted lose its tracks at once."""
    publisher = state.participants.get(event.participant)
    if publisher is None:
        return []
    allowed = event.allowed[: state.limits.sids_per_request]
    publisher.subscription_permission = SubscriptionPermission(event.all_participants, allowed)
    return reconcile_publisher(state, publisher)


def change_settings(state: RoomState, now: Seconds, event: ChangeTrackSettings) -> list[Effect]:
    subscriber = state.participants.get(event.participant)
    if subscriber is None:
        return []
    for sid in event.tracks[: state.limits.sids_per_request]:
        if _visible_track(state, subscriber, sid) is not None:
            subscriber.subscriptions.settle(now, sid, event.settings)
            state.settling.add(subscriber.sid)
    return []


def due(state: RoomState, now: Seconds) -> list[Effect]:
    """Settings that have settled take effect."""
    effects: list[Effect] = []
    for subscriber in _settling(state):
        for sid in subscriber.subscriptions.due(now):
            effects += _forward(state, subscriber, sid)
        if not subscriber.subscriptions.settling:
            state.settling.discard(subscriber.sid)
    return effects


def deadline(state: RoomState) -> Seconds | None:
    waiting = (subscriber.subscriptions.deadline() for subscriber in _settling(state))
    return min((due for due in waiting if due is not None), default=None)


def reconcile_subscriber(state: RoomState, subscriber: Participant) -> list[Effect]:
    """The subscriber's grants or wishes changed: look at every track anew."""
    tracks = [state.participants[state.publishers[sid]].tracks[sid] for sid in state.producers.values()]
    return [effect for track in tracks for effect in reconcile(state, subscriber, track)]


def reconcile_publisher(state: RoomState, publisher: Participant) -> list[Effect]:
    """The publisher's rules or visibility changed: look at every subscriber anew."""
    return [effect for track in publisher.live_tracks for effect in reconcile_track(state, track)]


def reconcile_track(state: RoomState, track: Track) -> list[Effect]:
    return [effect for subscriber in state.participants.values() for effect in reconcile(state, subscriber, track)]


def reconcile(state: RoomState, subscriber: Participant, track: Track) -> list[Effect]:
    """Bring what is sent in line with what is wanted, granted and admitted."""
    publisher = state.participants[track.publisher]
    if not isinstance(track.media, Live) or publisher is subscriber:
        return []
    if not subscriber.sees(publisher):
        subscriber.subscriptions.denied.discard(track.sid)  # Silently: there is nobody to speak of.
        return stop(state, subscriber, track)
    wanted = subscriber.subscriptions.wants(track.sid) and subscriber.permission.can_subscribe
    admitted = publisher.subscription_permission.admits(subscriber.sid, subscriber.identity, track.sid)
    effects = _tell_admission(subscriber, track, denied=wanted and not admitted)
    if wanted and admitted:
        return effects + _start(state, subscriber, track, track.media)
    return effects + stop(state, subscriber, track)


def stop(state: RoomState, subscriber: Participant, track: Track) -> list[Effect]:
    """Send `track` to `subscriber` no longer."""
    if subscriber.subscriptions.current.pop(track.sid, None) is None:
        return []
    if track.sid in subscriber.subscriptions.starved:
        subscriber.subscriptions.starved.discard(track.sid)
        state.qualities.starved(subscriber.sid, starved=bool(subscriber.subscriptions.starved))
    state.dynacast.touch(track.sid)
    if isinstance(track.media, Live):
        track.media.subscribers.discard(subscriber.sid)
    return [Notify(subscriber.sid, Unsubscribed(track.sid))]


def _settling(state: RoomState) -> list[Participant]:
    return [state.participants[sid] for sid in sorted(state.settling)]


def _start(state: RoomState, subscriber: Participant, track: Track, live: Live) -> list[Effect]:
    if track.sid in subscriber.subscriptions.current:
        return []
    chosen = _chosen(state, subscriber, track, live)
    subscriber.subscriptions.current[track.sid] = chosen
    state.dynacast.touch(track.sid)
    live.subscribers.add(subscriber.sid)
    effects: list[Effect] = [
        Notify(
            subscriber.sid,
            Subscribed(
                publisher=track.publisher,
                track=track.info(),
                producer=live.producer,
                parameters=live.parameters,
                paused=chosen.paused,
                spatial_layer=chosen.spatial_layer,
                temporal_layer=chosen.temporal_layer,
                priority=chosen.priority,
                backup=track.backup.encoding if track.backup else None,
            ),
        )
    ]
    if not live.wanted_once:
        live.wanted_once = True
        effects.append(Notify(track.publisher, FirstSubscriber(track.sid)))
    return effects


def _tell_admission(subscriber: Participant, track: Track, *, denied: bool) -> list[Effect]:
    """Tell the subscriber when its publisher's rule begins or ceases to stand in the way."""
    subscriptions = subscriber.subscriptions
    if denied == (track.sid in subscriptions.denied):
        return []
    if denied:
        subscriptions.denied.add(track.sid)
    else:
        subscriptions.denied.discard(track.sid)
    notice = SubscriptionPermissionChanged(publisher=track.publisher, track=track.sid, allowed=not denied)
    return [Notify(subscriber.sid, notice)]


def refresh_layers(state: RoomState, track: Track) -> list[Effect]:
    """The track's layers changed: choose anew for everybody who gets it."""
    if not isinstance(track.media, Live):
        return []
    return [
        effect
        for sid in sorted(track.media.subscribers)
        for effect in _forward(state, state.participants[sid], track.sid)
    ]


def _forward(state: RoomState, subscriber: Participant, sid: TrackSid) -> list[Effect]:
    track = state.track(sid)
    current = subscriber.subscriptions.current.get(sid)
    if track is None or current is None or not isinstance(track.media, Live):
        return []
    chosen = _chosen(state, subscriber, track, track.media)
    if chosen == current:
        return []
    subscriber.subscriptions.current[sid] = chosen
    state.dynacast.touch(sid)
    notice = ForwardingChanged(
        track=sid,
        paused=chosen.paused,
        spatial_layer=chosen.spatial_layer,
        temporal_layer=chosen.temporal_layer,
        priority=chosen.priority,
    )
    return [Notify(subscriber.sid, notice)]


def _chosen(state: RoomState, subscriber: Participant, track: Track, live: Live) -> Forwarding:
    settings = subscriber.subscriptions.settings_of(track.sid)
    sent = spatial_layers(live.parameters, track.layers)
    chosen = forwarding(settings, track.layers, sent)
    return replace(chosen, priority=priority(track, settings, state.floor))


def _visible_track(state: RoomState, viewer: Participant, sid: TrackSid) -> Track | None:
    """A live track that `viewer` may know of and that is not its own."""
    track = state.track(sid)
    if track is None or not isinstance(track.media, Live) or track.publisher == viewer.sid:
        return None
    return track if viewer.sees(state.participants[track.publisher]) else None
