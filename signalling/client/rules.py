"""What no client may be sent, whoever it is.

LiveKit's native clients abort their whole process on some values that protobuf lets through; browsers hang or reload
on others. Each rule below is one of those, and says what would happen. A broken rule is a fault of ours, hence an
`AssertionError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from livekit.protocol import models, rtc

_SEMANTIC_VERSION = re.compile(r"\d+\.\d+\.\d+")
_SID = {"PA_": re.compile(r"PA_\w+"), "TR_": re.compile(r"TR_\w+"), "RM_": re.compile(r"RM_\w+")}
_MSID = re.compile(r"(PA_\w+\|\S+) (TR_\w+)")
_HIGHEST_PROTOCOL = 17
"""From 18 on, clients open no data channels by themselves."""


def check(response: rtc.SignalResponse) -> None:
    """Raises `AssertionError` naming what is wrong with it."""
    kind = response.WhichOneof("message")
    assert kind is not None, "an empty response: clients drop it"
    rule = _RULES.get(kind)
    if rule is not None:
        rule(response)


def check_participant(participant: models.ParticipantInfo) -> None:
    _sid("PA_", participant.sid)
    assert participant.identity, f"participant {participant.sid} without identity: clients cannot show it"
    for track in participant.tracks:
        _sid("TR_", track.sid)


def _join(join: rtc.JoinResponse) -> None:
    _room(join.room, present=join.HasField("room"))
    assert join.participant.HasField("permission"), "join without permission: browsers refuse to publish"
    _participants([join.participant, *join.other_participants])
    assert join.ping_interval > 0, "ping_interval 0: native clients abort"
    assert join.ping_timeout > join.ping_interval, "ping_timeout not above ping_interval: native clients drop"
    assert _SEMANTIC_VERSION.fullmatch(join.server_version), "server_version is no version: Android fails"
    _server_info(join.server_info)
    _codecs(join.enabled_publish_codecs)


def _participants(participants: Iterable[models.ParticipantInfo]) -> None:
    for participant in participants:
        check_participant(participant)


def _offer(offer: rtc.SessionDescription) -> None:
    assert offer.id > 0, "offer without id: 0 means an old server"
    _description("offer", offer)


def _sid(prefix: str, sid: str) -> None:
    assert _SID[prefix].fullmatch(sid), f"sid {sid!r} lacks {prefix}: native clients abort"


def _room(room: models.Room, *, present: bool) -> None:
    assert present, "no room: native clients abort"
    assert room.name, "room without name: clients cannot show it"
    if room.sid:
        _sid("RM_", room.sid)


def _room_update(update: rtc.RoomUpdate) -> None:
    _room(update.room, present=update.HasField("room"))


def _server_info(info: models.ServerInfo) -> None:
    assert _SEMANTIC_VERSION.fullmatch(info.version), "server_info.version is no version: browsers reject the join"
    assert 0 < info.protocol <= _HIGHEST_PROTOCOL, f"protocol {info.protocol}: native clients open no data channels"


def _codecs(codecs: Iterable[models.Codec]) -> None:
    kinds = [codec.mime.partition("/") for codec in codecs]
    assert all(slash for _, slash, _ in kinds), "codec without a slash: clients fail to read it"
    audio_seen = [kind == "audio" for kind, _, _ in kinds]
    assert audio_seen == sorted(audio_seen), "video codecs after audio: Flutter picks the wrong one"


def _speakers(changed: rtc.SpeakersChanged) -> None:
    for speaker in changed.speakers:
        _sid("PA_", speaker.sid)
        assert 0.0 <= speaker.level <= 1.0, f"audio level {speaker.level} out of range"


def _quality(update: rtc.ConnectionQualityUpdate) -> None:
    for report in update.updates:
        _sid("PA_", report.participant_sid)


def _track_published(published: rtc.TrackPublishedResponse) -> None:
    assert published.HasField("track"), "track_published without track: native clients abort"
    assert published.cid, "track_published without cid: nobody waits for it"
    _sid("TR_", published.track.sid)


def _stream_states(update: rtc.StreamStateUpdate) -> None:
    assert update.stream_states, "stream_state_update of nothing"
    for state in update.stream_states:
        _sid("PA_", state.participant_sid)
        _sid("TR_", state.track_sid)


def _permission(update: rtc.SubscriptionPermissionUpdate) -> None:
    _sid("PA_", update.participant_sid)
    _sid("TR_", update.track_sid)


def _subscribed_quality(update: rtc.SubscribedQualityUpdate) -> None:
    _sid("TR_", update.track_sid)
    for codec in update.subscribed_codecs:
        assert "/" not in codec.codec, f"codec {codec.codec!r} with its kind: browsers take it for a backup codec"
        assert codec.codec == codec.codec.lower(), f"codec {codec.codec!r} not in lower case"
        _qualities(codec.qualities)
    assert update.subscribed_codecs, "no subscribed_codecs: newer clients change nothing"
    if update.subscribed_qualities:  # Without them it is about the named codec alone.
        _qualities(update.subscribed_qualities)


def _qualities(qualities: Iterable[rtc.SubscribedQuality]) -> None:
    known = {models.VideoQuality.LOW, models.VideoQuality.MEDIUM, models.VideoQuality.HIGH}
    assert {quality.quality for quality in qualities} == known, "not every quality named: the others stay as they were"


def _description(kind: str, description: rtc.SessionDescription) -> None:
    """Clients find a track by its msid, native ones by mid in `mid_to_track_id`; libwebrtc refuses a repeated msid."""
    assert description.type == kind, f"{kind} of type {description.type!r}: native clients abort"
    seen: set[str] = set()
    mid = ""
    for line in description.sdp.splitlines():
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:")
        elif line.startswith("a=msid:"):
            msid = line.removeprefix("a=msid:")
            match = _MSID.fullmatch(msid)
            assert match, f"msid {msid!r} is not PA_…|… TR_…: the track is ignored"
            assert msid not in seen, f"msid {msid!r} twice: native clients abort"
            assert description.mid_to_track_id.get(mid) == match[2], f"mid {mid} is not mapped: the track is dropped"
            seen.add(msid)


def _never(_: rtc.SignalResponse) -> None:
    raise AssertionError("trickle: our candidates are in the description, and an incomplete one aborts native clients")


_RULES: Final[dict[str, Callable[[rtc.SignalResponse], None]]] = {
    "join": lambda response: _join(response.join),
    "reconnect": lambda response: _server_info(response.reconnect.server_info),
    "update": lambda response: _participants(response.update.participants),
    "speakers_changed": lambda response: _speakers(response.speakers_changed),
    "connection_quality": lambda response: _quality(response.connection_quality),
    "room_update": lambda response: _room_update(response.room_update),
    "track_published": lambda response: _track_published(response.track_published),
    "track_unpublished": lambda response: _sid("TR_", response.track_unpublished.track_sid),
    "track_subscribed": lambda response: _sid("TR_", response.track_subscribed.track_sid),
    "mute": lambda response: _sid("TR_", response.mute.sid),
    "stream_state_update": lambda response: _stream_states(response.stream_state_update),
    "subscription_permission_update": lambda response: _permission(response.subscription_permission_update),
    "subscribed_quality_update": lambda response: _subscribed_quality(response.subscribed_quality_update),
    "offer": lambda response: _offer(response.offer),
    "answer": lambda response: _description("answer", response.answer),
    "trickle": _never,
}
