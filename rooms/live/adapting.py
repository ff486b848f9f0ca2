"""Fitting what is sent to what is looked at and to what links carry: floor, dynacast, pauses."""

from __future__ import annotations

from rooms.live import connecting, dynacast, subscribing
from rooms.live.effects import Effect, Notify, StreamStateChanged
from rooms.live.events import StreamStarved
from rooms.live.ids import Seconds
from rooms.live.state import RoomState
from rooms.live.track import Track


def follow_speakers(state: RoomState) -> list[Effect]:
    """Whoever speaks has the floor, and keeps it in silence too, until somebody else speaks into that."""
    speaking = {sid: voice.told for sid, voice in state.speakers.voices.items() if voice.told > 0}
    if not speaking or state.floor in speaking:
        return []
    concerned = [state.floor, max(speaking, key=lambda sid: speaking[sid])]
    state.floor = concerned[1]
    participants = (state.participants[sid] for sid in concerned if sid in state.participants)
    return [
        effect
        for participant in participants
        for track in participant.live_tracks
        if track.request.kind == "video"
        for effect in subscribing.refresh_layers(state, track)
    ]


def starved(state: RoomState, now: Seconds, event: StreamStarved) -> list[Effect]:
    """A subscriber's link does not carry this track, or does again: the client is told, and so is its quality."""
    subscriber = state.participants.get(event.participant)
    track = state.track(event.track)
    if subscriber is None or track is None or track.sid not in subscriber.subscriptions.current:
        return []
    if event.starved:
        subscriber.subscriptions.starved.add(track.sid)
    else:
        subscriber.subscriptions.starved.discard(track.sid)
    state.qualities.starved(subscriber.sid, starved=bool(subscriber.subscriptions.starved))
    changed = StreamStateChanged(publisher=track.publisher, track=track.sid, paused=event.starved)
    return [Notify(subscriber.sid, changed), *connecting.due(state, now)]


def follow_wishes(state: RoomState, now: Seconds) -> list[Effect]:
    """Ask publishers for the layers that have become wanted since the last event."""
    effects: list[Effect] = []
    for sid in sorted(state.dynacast.changed):
        track = state.track(sid)
        if track is None or not dynacast.sent(track):
            state.dynacast.forget(sid)
        elif track.request.kind == "video" and not track.muted:
            effects += state.dynacast.compare(now, track, _wanted(state, track))
    state.dynacast.changed.clear()
    return effects


def due(state: RoomState, now: Seconds) -> list[Effect]:
    """Ask publishers to leave off what nobody has looked at for a while."""
    effects: list[Effect] = []
    for sid in state.dynacast.due(now):
        track = state.track(sid)
        assert track is not None, "a track that is over is forgotten"
        effects += state.dynacast.lower(track, _wanted(state, track))
    return effects


def _wanted(state: RoomState, track: Track) -> int:
    return dynacast.wanted(track, state.participants.values())
