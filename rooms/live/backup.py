"""Backup codecs: a second encoding of a video track, for subscribers whose clients cannot take the first.

Clients say with a track which codec that could be, and send it once they are asked to, which is when the first
subscriber needs it. It stays for as long as the track does.
"""

from __future__ import annotations

from rooms.live import announcing, subscribing
from rooms.live.effects import Effect, Notify, PublishRefused, RequestStatus, TrackMuted, TrackPublished
from rooms.live.events import AddBackupCodec, BackupNegotiated, UnpublishBackup
from rooms.live.info import Encryption, TrackRequest
from rooms.live.state import RoomState
from rooms.live.track import Backup, Encoding, Track


def add(state: RoomState, event: AddBackupCodec) -> list[Effect]:
    """A client is about to send a track of its own in a second codec. Asking twice gets the same answer."""
    publisher = state.participants.get(event.participant)
    if publisher is None:
        return []
    track = state.own_track(event.participant, event.track)
    if track is None or not _takes(track, event):
        request = TrackRequest(cid=event.codec.cid, kind="video")
        refused = PublishRefused(request, RequestStatus.UNSUPPORTED_TYPE, "this track takes no such second codec")
        return [Notify(publisher.sid, refused)]
    if track.backup is None:
        track.backup = Backup(event.codec)
        track.version += 1
    return [Notify(publisher.sid, TrackPublished(event.codec.cid, track.info())), *announcing.changed(state, publisher)]


def negotiated(state: RoomState, event: BackupNegotiated) -> list[Effect]:
    """The core can receive it: whoever could not take the track may be able to now."""
    track = state.own_track(event.participant, event.track)
    if track is None or track.backup is None:
        return []
    is_new = track.backup.encoding is None
    track.backup.encoding = Encoding(event.producer, event.parameters)
    if not is_new:
        return []
    effects: list[Effect] = []
    if track.muted:
        effects.append(Notify(event.participant, TrackMuted(track.sid, muted=True, by_server=False)))
    for subscriber in state.participants.values():
        if track.sid in subscriber.subscriptions.impossible:
            subscriber.subscriptions.impossible.discard(track.sid)
            effects += subscribing.reconcile(state, subscriber, track)
    return effects


def unpublish(state: RoomState, event: UnpublishBackup) -> list[Effect]:
    """Whoever was sent it is sent nothing now. Clients stop it with its track only."""
    track = state.own_track(event.participant, event.track)
    if track is None or track.backup is None:
        return []
    track.backup = None
    track.version += 1
    return announcing.changed(state, state.participants[event.participant])


def _takes(track: Track, event: AddBackupCodec) -> bool:
    """Of what is encrypted end to end we keep no second copy, as LiveKit does not."""
    return (
        track.request.kind == "video"
        and track.request.encryption is Encryption.NONE
        and track.info().mime_type != event.codec.mime_type
        and track.backup in (None, Backup(event.codec))
    )
