"""A room as its administrators may look into it: what was decided about everybody, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from media.parameters import ProducerId
from rooms.live.effects import QualityReport
from rooms.live.events import TrackSettings
from rooms.live.ids import Identity, ParticipantSid, TrackSid
from rooms.live.info import ParticipantInfo, TrackInfo
from rooms.live.layers import Forwarding
from rooms.live.participant import MediaGone, MediaHere, MediaPending, Participant, SignalHere
from rooms.live.state import RoomState
from rooms.live.track import Live, Track


class Standing(StrEnum):
    """Whether a published track is sent to one participant, and if not, why."""

    SENT = "sent"
    UNWANTED = "unwanted"
    NOT_ALLOWED = "not_allowed"
    """By the participant's own grants, or by the publisher's rule."""
    IMPOSSIBLE = "impossible"
    """The client cannot take its codec."""


class MediaState(StrEnum):
    PENDING = "pending"
    HERE = "here"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTrack:
    """`producers` are the core's, one for each codec, the preferred one first. `subscribers` counts who gets it."""

    publisher: Identity
    info: TrackInfo
    producers: tuple[ProducerId, ...]
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedSubscription:
    """Another's track, as it concerns one participant. `forwarding` is what the core was asked for, while it is sent;
    `settings` are what its client said last, None if nothing yet.
    """

    track: ObservedTrack
    standing: Standing
    forwarding: Forwarding | None
    settings: TrackSettings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedParticipant:
    """`signal` tells whether its connection is open; `quality` is None until its link was measured.

    `subscriptions` is None where they were left out, because there would be too many.
    """

    info: ParticipantInfo
    signal: bool
    media: MediaState
    quality: QualityReport | None
    tracks: tuple[ObservedTrack, ...]
    subscriptions: tuple[ObservedSubscription, ...] | None


def observed(state: RoomState, first: Identity, most: int) -> list[ObservedParticipant]:
    """Everybody, hidden ones too; with the subscriptions of `first`, then of others until there are `most` of them."""
    tracks = {
        participant.sid: tuple(_track(participant, track) for track in participant.live_tracks)
        for participant in state.participants.values()
    }
    qualities = state.qualities.latest()
    subscriptions: dict[ParticipantSid, tuple[ObservedSubscription, ...]] = {}
    room_for = most
    for participant in sorted(state.participants.values(), key=lambda each: each.identity != first):
        if room_for > 0:
            subscriptions[participant.sid] = tuple(_subscriptions(state, participant, tracks))
            room_for -= len(subscriptions[participant.sid])
    return [
        ObservedParticipant(
            info=participant.info(),
            signal=isinstance(participant.signal, SignalHere),
            media=_media(participant),
            quality=qualities.get(participant.sid),
            tracks=tracks[participant.sid],
            subscriptions=subscriptions.get(participant.sid),
        )
        for participant in state.participants.values()
    ]


def _track(publisher: Participant, track: Track) -> ObservedTrack:
    assert isinstance(track.media, Live), "only live tracks are looked at"
    second = track.backup.encoding if track.backup else None
    return ObservedTrack(
        publisher=publisher.identity,
        info=track.info(),
        producers=(track.media.producer, *([second.producer] if second else [])),
        subscribers=len(track.media.subscribers),
    )


def _media(participant: Participant) -> MediaState:
    match participant.media:
        case MediaPending():
            return MediaState.PENDING
        case MediaHere():
            return MediaState.HERE
        case MediaGone():
            return MediaState.GONE


def _subscriptions(
    state: RoomState, subscriber: Participant, tracks: Mapping[ParticipantSid, tuple[ObservedTrack, ...]]
) -> Iterator[ObservedSubscription]:
    for publisher in state.seen_by(subscriber):
        if publisher is subscriber:
            continue
        for track in tracks[publisher.sid]:
            yield ObservedSubscription(
                track=track,
                standing=_standing(subscriber, publisher, track.info.sid),
                forwarding=subscriber.subscriptions.current.get(track.info.sid),
                settings=subscriber.subscriptions.settings.get(track.info.sid),
            )


def _standing(subscriber: Participant, publisher: Participant, track: TrackSid) -> Standing:
    subscriptions = subscriber.subscriptions
    if track in subscriptions.current:
        return Standing.SENT
    if track in subscriptions.impossible:
        return Standing.IMPOSSIBLE
    admitted = publisher.subscription_permission.admits(subscriber.sid, subscriber.identity, track)
    if not subscriber.permission.can_subscribe or not admitted:
        return Standing.NOT_ALLOWED
    return Standing.UNWANTED
