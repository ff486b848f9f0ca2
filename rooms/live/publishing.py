"""Tracks of a participant: declared, negotiated, muted, described, unpublished."""

from __future__ import annotations

from rooms.live import announcing, loudest, subscribing
from rooms.live.effects import (
    Effect,
    FactKind,
    Notify,
    PublishRefused,
    RequestStatus,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
)
from rooms.live.events import (
    AddTrack,
    MuteTrack,
    TrackNegotiated,
    UnpublishTrack,
    UpdateAudioTrack,
    UpdateVideoTrack,
)
from rooms.live.ids import Seconds
from rooms.live.info import TrackRequest
from rooms.live.participant import Participant
from rooms.live.state import RoomState
from rooms.live.track import Declared, Live, Track, declare


def add_track(state: RoomState, event: AddTrack) -> list[Effect]:
    """A client announces a track. Asking twice for the same `cid` gets the same answer."""
    publisher = state.participants.get(event.participant)
    if publisher is None:
        return []
    refusal = _refusal(state, publisher, event.request)
    if refusal is not None:
        return [Notify(publisher.sid, refusal)]
    track = _declared_as(publisher, event.request.cid)
    if track is None:
        track = declare(state.sids, publisher.sid, event.request)
        publisher.tracks[track.sid] = track
        state.publishers[track.sid] = publisher.sid
    return [Notify(publisher.sid, TrackPublished(event.request.cid, track.info()))]


def negotiated(state: RoomState, now: Seconds, event: TrackNegotiated) -> list[Effect]:
    """The core can receive the track: from now on the others know of it."""
    track = state.own_track(event.participant, event.track)
    if track is None:
        # Taken away while it was being negotiated.
        return [Notify(event.participant, TrackUnpublished(event.track, by_server=True))]
    publisher = state.participants[event.participant]
    match track.media:
        case Live() as live:
            live.parameters = event.parameters
            state.dynacast.renegotiated(track.sid)
            return announcing.changed(state, publisher) + subscribing.refresh_layers(state, track)
        case Declared():
            track.media = Live(event.producer, event.parameters)
            state.dynacast.touch(track.sid)
    state.producers[event.producer] = track.sid
    announcing.counts_changed(state, now)
    effects = announcing.changed(state, publisher)
    if track.muted:
        effects.append(Notify(publisher.sid, TrackMuted(track.sid, muted=True, by_server=False)))
    effects += loudest.refresh(state, publisher)
    effects += subscribing.reconcile_track(state, track)
    return [*effects, *announcing.track_fact(state, FactKind.TRACK_PUBLISHED, publisher, track)]


def unpublish(state: RoomState, now: Seconds, event: UnpublishTrack) -> list[Effect]:
    track = state.own_track(event.participant, event.track)
    if track is None:
        return []
    publisher = state.participants[event.participant]
    return withdraw(state, now, publisher, track, by_server=False) + announcing.changed(state, publisher)


def withdraw(state: RoomState, now: Seconds, publisher: Participant, track: Track, *, by_server: bool) -> list[Effect]:
    """Take a track out of the room, first from those it is sent to. Telling the others is left to the caller."""
    effects: list[Effect] = []
    for subscriber in state.participants.values():
        effects += subscribing.stop(state, subscriber, track)
        subscriber.subscriptions.forget(track.sid)
    state.dynacast.forget(track.sid)
    effects.append(Notify(publisher.sid, TrackUnpublished(track.sid, by_server=by_server)))
    del publisher.tracks[track.sid]
    del state.publishers[track.sid]
    if isinstance(track.media, Live):
        del state.producers[track.media.producer]
        announcing.counts_changed(state, now)
        effects += loudest.refresh(state, publisher)
        effects += announcing.track_fact(state, FactKind.TRACK_UNPUBLISHED, publisher, track)
    return effects


def withdraw_forbidden(state: RoomState, now: Seconds, publisher: Participant) -> list[Effect]:
    """Grants were taken away: so are the tracks that stood on them."""
    return [
        effect
        for track in list(publisher.tracks.values())
        if not publisher.permission.may_publish(track.request.source)
        for effect in withdraw(state, now, publisher, track, by_server=True)
    ]


def mute(state: RoomState, event: MuteTrack) -> list[Effect]:
    track = state.own_track(event.participant, event.track)
    return [] if track is None else set_muted(state, track, muted=event.muted, by_server=False)


def set_muted(state: RoomState, track: Track, *, muted: bool, by_server: bool) -> list[Effect]:
    """Forward nothing of a muted track, whatever its client sends."""
    if track.muted == muted:
        return []
    track.muted = muted
    track.version += 1
    state.dynacast.touch(track.sid)
    publisher = state.participants[track.publisher]
    told = Notify(publisher.sid, TrackMuted(track.sid, muted=muted, by_server=by_server))
    return [told, *announcing.changed(state, publisher)]


def update_audio(state: RoomState, event: UpdateAudioTrack) -> list[Effect]:
    track = state.own_track(event.participant, event.track)
    if track is None or track.request.kind != "audio":
        return []
    track.audio_features = event.features
    return _described_anew(state, track)


def update_video(state: RoomState, event: UpdateVideoTrack) -> list[Effect]:
    track = state.own_track(event.participant, event.track)
    if track is None or track.request.kind != "video":
        return []
    track.width, track.height = event.width, event.height
    return _described_anew(state, track)


def _described_anew(state: RoomState, track: Track) -> list[Effect]:
    track.version += 1
    return announcing.changed(state, state.participants[track.publisher])


def _refusal(state: RoomState, publisher: Participant, request: TrackRequest) -> PublishRefused | None:
    limits = state.limits
    if not publisher.permission.may_publish(request.source):
        return PublishRefused(request, RequestStatus.NOT_ALLOWED, f"you may not publish {request.source.value}")
    if not request.cid:
        return PublishRefused(request, RequestStatus.INVALID_REQUEST, "a track needs a cid")
    if len(publisher.tracks) >= limits.tracks_per_participant:
        message = f"at most {limits.tracks_per_participant} tracks each"
        return PublishRefused(request, RequestStatus.LIMIT_EXCEEDED, message)
    return None


def _declared_as(publisher: Participant, cid: str) -> Track | None:
    waiting = (track for track in publisher.tracks.values() if isinstance(track.media, Declared))
    return next((track for track in waiting if track.request.cid == cid), None)
