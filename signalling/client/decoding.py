"""LiveKit's requests to events of a room. What a client may write freely is cut to size here, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from livekit.protocol import models, rtc

from rooms.live.events import (
    ChangeTrackSettings,
    SetSubscriptionPermission,
    Subscribe,
    TrackPermission,
    TrackSettings,
    UpdateOwnMetadata,
)
from rooms.live.ids import Identity, ParticipantSid, RequestId, TrackSid
from rooms.live.info import AudioFeature, CodecInfo, Encryption, LayerMode, TrackRequest, VideoLayer, VideoQuality
from rooms.live.limits import NAME_LENGTH_CHARACTERS
from rooms.live.permission import TrackSource
from signalling.client.encoding import (
    AUDIO_FEATURES,
    BACKUP_CODEC_POLICIES,
    ENCRYPTIONS,
    LAYER_MODES,
    SOURCES,
    VIDEO_QUALITIES,
)

_SOURCES = {number: source for source, number in SOURCES.items()}
_ENCRYPTIONS = {number: encryption for encryption, number in ENCRYPTIONS.items()}
_AUDIO_FEATURES = {number: feature for feature, number in AUDIO_FEATURES.items()}
_LAYER_MODES = {number: mode for mode, number in LAYER_MODES.items()}
_BACKUP_CODEC_POLICIES = {number: policy for policy, number in BACKUP_CODEC_POLICIES.items()}
_VIDEO_QUALITIES = {number: quality for quality, number in VIDEO_QUALITIES.items()}

_MIME_TYPES = {
    mime_type.lower(): mime_type for mime_type in ("video/VP8", "video/VP9", "video/H264", "video/AV1", "audio/opus")
}
_MAX_LAYERS = 3
_MAX_CODECS = 4
_MAX_PIXELS = 16_384
_MAX_TEXT_CHARACTERS = NAME_LENGTH_CHARACTERS


def track_request(request: rtc.AddTrackRequest) -> TrackRequest:
    kind = "audio" if request.type == models.TrackType.AUDIO else "video"
    features = frozenset(_AUDIO_FEATURES[number] for number in request.audio_features if number in _AUDIO_FEATURES)
    codecs = (_codec(codec, kind) for codec in request.simulcast_codecs[:_MAX_CODECS])
    return TrackRequest(
        cid=_text(request.cid),
        kind="audio" if kind == "audio" else "video",
        source=_SOURCES.get(request.source, TrackSource.UNKNOWN),
        name=_text(request.name),
        muted=request.muted,
        width=min(request.width, _MAX_PIXELS),
        height=min(request.height, _MAX_PIXELS),
        layers=_layers(request.layers),
        codecs=tuple(codec for codec in codecs if codec is not None),
        disable_dtx=request.disable_dtx,
        stereo=request.stereo,
        disable_red=request.disable_red,
        encryption=_ENCRYPTIONS.get(request.encryption, Encryption.NONE),
        stream=_text(request.stream),
        audio_features=features,
        backup_codec_policy=_BACKUP_CODEC_POLICIES[
            request.backup_codec_policy
            if request.backup_codec_policy in _BACKUP_CODEC_POLICIES
            else models.BackupCodecPolicy.PREFER_REGRESSION
        ],
    )


def backup_codec(request: rtc.AddTrackRequest) -> CodecInfo | None:
    """The codec that is to be sent beside the one of the track `request.sid`; None if we do not carry it."""
    codecs = (_codec(codec, "video") for codec in request.simulcast_codecs[:1])
    codec = next((codec for codec in codecs if codec is not None), None)
    return codec and replace(codec, cid=_text(request.cid), layers=codec.layers or _layers(request.layers))


def audio_features(request: rtc.UpdateLocalAudioTrack) -> frozenset[AudioFeature]:
    return frozenset(_AUDIO_FEATURES[number] for number in request.features if number in _AUDIO_FEATURES)


def subscribe(participant: ParticipantSid, request: rtc.UpdateSubscription) -> Subscribe:
    """Clients write the same sids in both lists."""
    by_participant = (sid for group in request.participant_tracks for sid in group.track_sids)
    sids = dict.fromkeys([*request.track_sids, *by_participant])
    return Subscribe(participant=participant, tracks=track_sids(sids), wanted=request.subscribe)


def change_settings(participant: ParticipantSid, request: rtc.UpdateTrackSettings) -> ChangeTrackSettings:
    settings = TrackSettings(
        disabled=request.disabled,
        quality=_VIDEO_QUALITIES.get(request.quality, VideoQuality.HIGH),
        width=min(request.width, _MAX_PIXELS),
        height=min(request.height, _MAX_PIXELS),
        fps=request.fps,
        priority=request.priority,
    )
    return ChangeTrackSettings(participant=participant, tracks=track_sids(request.track_sids), settings=settings)


def set_permission(participant: ParticipantSid, request: rtc.SubscriptionPermission) -> SetSubscriptionPermission:
    allowed = tuple(
        TrackPermission(
            participant=ParticipantSid(line.participant_sid) if line.participant_sid else None,
            identity=Identity(line.participant_identity) if line.participant_identity else None,
            all_tracks=line.all_tracks,
            tracks=frozenset(track_sids(line.track_sids)),
        )
        for line in request.track_permissions
    )
    return SetSubscriptionPermission(
        participant=participant, all_participants=request.all_participants, allowed=allowed
    )


def update_metadata(participant: ParticipantSid, request: rtc.UpdateParticipantMetadata) -> UpdateOwnMetadata:
    """Clients that change one of the three send the others as they are, or empty: empty changes nothing."""
    return UpdateOwnMetadata(
        participant=participant,
        request=RequestId(request.request_id),
        name=request.name or None,
        metadata=request.metadata or None,
        attributes=dict(request.attributes),
    )


def size(width: int, height: int) -> tuple[int, int]:
    """In pixels, within what any codec can do."""
    return min(width, _MAX_PIXELS), min(height, _MAX_PIXELS)


def track_sids(sids: Iterable[str]) -> tuple[TrackSid, ...]:
    return tuple(TrackSid(sid) for sid in sids)


def _codec(codec: rtc.SimulcastCodec, kind: str) -> CodecInfo | None:
    """None for a codec that we do not carry. Clients write "vp8" as well as "video/VP8"."""
    name = codec.codec.lower()
    mime_type = _MIME_TYPES.get(name if "/" in name else f"{kind}/{name}")
    if mime_type is None:
        return None
    return CodecInfo(
        mime_type=mime_type,
        cid=_text(codec.cid),
        layers=_layers(codec.layers),
        layer_mode=_LAYER_MODES.get(codec.video_layer_mode, LayerMode.UNUSED),
    )


def _layers(layers: Iterable[models.VideoLayer]) -> tuple[VideoLayer, ...]:
    """By rising quality, at most one of each."""
    by_quality = {
        quality: VideoLayer(
            quality=quality,
            width=min(layer.width, _MAX_PIXELS),
            height=min(layer.height, _MAX_PIXELS),
            bitrate_bps=layer.bitrate,
            rid=_text(layer.rid),
        )
        for layer in list(layers)[: 2 * _MAX_LAYERS]
        if (quality := _VIDEO_QUALITIES.get(layer.quality)) is not None
    }
    return tuple(by_quality[quality] for quality in sorted(by_quality))


def _text(text: str) -> str:
    return text[:_MAX_TEXT_CHARACTERS]
