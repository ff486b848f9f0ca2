"""Snapshots of rooms to LiveKit's messages: one table per enum, one function per message."""

from __future__ import annotations

from typing import Final, cast

from livekit.protocol import models

from rooms.live.info import (
    AudioFeature,
    BackupCodecPolicy,
    CodecInfo,
    ConnectionQuality,
    DisconnectReason,
    Encryption,
    LayerMode,
    ParticipantInfo,
    ParticipantKind,
    ParticipantState,
    RoomInfo,
    TrackInfo,
    VideoLayer,
    VideoQuality,
)
from rooms.live.permission import Permission, TrackSource

SOURCES: Final = {
    TrackSource.UNKNOWN: models.TrackSource.UNKNOWN,
    TrackSource.CAMERA: models.TrackSource.CAMERA,
    TrackSource.MICROPHONE: models.TrackSource.MICROPHONE,
    TrackSource.SCREEN_SHARE: models.TrackSource.SCREEN_SHARE,
    TrackSource.SCREEN_SHARE_AUDIO: models.TrackSource.SCREEN_SHARE_AUDIO,
}
KINDS: Final = {
    ParticipantKind.STANDARD: models.ParticipantInfo.Kind.STANDARD,
    ParticipantKind.INGRESS: models.ParticipantInfo.Kind.INGRESS,
    ParticipantKind.EGRESS: models.ParticipantInfo.Kind.EGRESS,
    ParticipantKind.SIP: models.ParticipantInfo.Kind.SIP,
    ParticipantKind.AGENT: models.ParticipantInfo.Kind.AGENT,
    ParticipantKind.CONNECTOR: models.ParticipantInfo.Kind.CONNECTOR,
    ParticipantKind.BRIDGE: models.ParticipantInfo.Kind.BRIDGE,
}
STATES: Final = {
    ParticipantState.JOINED: models.ParticipantInfo.State.JOINED,
    ParticipantState.ACTIVE: models.ParticipantInfo.State.ACTIVE,
    ParticipantState.DISCONNECTED: models.ParticipantInfo.State.DISCONNECTED,
}
REASONS: Final = {
    DisconnectReason.UNKNOWN: models.DisconnectReason.UNKNOWN_REASON,
    DisconnectReason.CLIENT_INITIATED: models.DisconnectReason.CLIENT_INITIATED,
    DisconnectReason.DUPLICATE_IDENTITY: models.DisconnectReason.DUPLICATE_IDENTITY,
    DisconnectReason.SERVER_SHUTDOWN: models.DisconnectReason.SERVER_SHUTDOWN,
    DisconnectReason.PARTICIPANT_REMOVED: models.DisconnectReason.PARTICIPANT_REMOVED,
    DisconnectReason.ROOM_DELETED: models.DisconnectReason.ROOM_DELETED,
    DisconnectReason.STATE_MISMATCH: models.DisconnectReason.STATE_MISMATCH,
    DisconnectReason.JOIN_FAILURE: models.DisconnectReason.JOIN_FAILURE,
    DisconnectReason.MIGRATION: models.DisconnectReason.MIGRATION,
    DisconnectReason.SIGNAL_CLOSE: models.DisconnectReason.SIGNAL_CLOSE,
    DisconnectReason.ROOM_CLOSED: models.DisconnectReason.ROOM_CLOSED,
    DisconnectReason.CONNECTION_TIMEOUT: models.DisconnectReason.CONNECTION_TIMEOUT,
    DisconnectReason.MEDIA_FAILURE: models.DisconnectReason.MEDIA_FAILURE,
}
ENCRYPTIONS: Final = {
    Encryption.NONE: models.Encryption.Type.NONE,
    Encryption.GCM: models.Encryption.Type.GCM,
    Encryption.CUSTOM: models.Encryption.Type.CUSTOM,
}
AUDIO_FEATURES: Final = {
    AudioFeature.STEREO: models.AudioTrackFeature.TF_STEREO,
    AudioFeature.NO_DTX: models.AudioTrackFeature.TF_NO_DTX,
    AudioFeature.AUTO_GAIN_CONTROL: models.AudioTrackFeature.TF_AUTO_GAIN_CONTROL,
    AudioFeature.ECHO_CANCELLATION: models.AudioTrackFeature.TF_ECHO_CANCELLATION,
    AudioFeature.NOISE_SUPPRESSION: models.AudioTrackFeature.TF_NOISE_SUPPRESSION,
    AudioFeature.ENHANCED_NOISE_CANCELLATION: models.AudioTrackFeature.TF_ENHANCED_NOISE_CANCELLATION,
    AudioFeature.PRECONNECT_BUFFER: models.AudioTrackFeature.TF_PRECONNECT_BUFFER,
}
LAYER_MODES: Final = {
    LayerMode.UNUSED: models.VideoLayer.Mode.MODE_UNUSED,
    LayerMode.ONE_PER_STREAM: models.VideoLayer.Mode.ONE_SPATIAL_LAYER_PER_STREAM,
    LayerMode.MANY_PER_STREAM: models.VideoLayer.Mode.MULTIPLE_SPATIAL_LAYERS_PER_STREAM,
}
BACKUP_CODEC_POLICIES: Final = {
    BackupCodecPolicy.PREFER_REGRESSION: models.BackupCodecPolicy.PREFER_REGRESSION,
    BackupCodecPolicy.SIMULCAST: models.BackupCodecPolicy.SIMULCAST,
    BackupCodecPolicy.REGRESSION: models.BackupCodecPolicy.REGRESSION,
}
VIDEO_QUALITIES: Final = {
    VideoQuality.LOW: models.VideoQuality.LOW,
    VideoQuality.MEDIUM: models.VideoQuality.MEDIUM,
    VideoQuality.HIGH: models.VideoQuality.HIGH,
}
CONNECTION_QUALITIES: Final = {
    ConnectionQuality.LOST: models.ConnectionQuality.LOST,
    ConnectionQuality.POOR: models.ConnectionQuality.POOR,
    ConnectionQuality.GOOD: models.ConnectionQuality.GOOD,
    ConnectionQuality.EXCELLENT: models.ConnectionQuality.EXCELLENT,
}


def room_message(info: RoomInfo) -> models.Room:
    return models.Room(
        sid=info.sid,
        name=info.name,
        metadata=info.metadata,
        creation_time=int(info.created_at),
        creation_time_ms=int(info.created_at * 1000),
        empty_timeout=round(info.empty_timeout_seconds),
        departure_timeout=round(info.departure_timeout_seconds),
        max_participants=info.max_participants,
        num_participants=info.num_participants,
        num_publishers=info.num_publishers,
        active_recording=info.active_recording,
        version=_version(info.created_at, info.version),
    )


def participant_message(info: ParticipantInfo) -> models.ParticipantInfo:
    return models.ParticipantInfo(
        sid=info.sid,
        identity=info.identity,
        name=info.name,
        metadata=info.metadata,
        attributes=info.attributes,
        state=STATES[info.state],
        kind=KINDS[info.kind],
        permission=permission_message(info.permission),
        tracks=[track_message(track) for track in info.tracks],
        is_publisher=bool(info.tracks),
        joined_at=int(info.joined_at),
        joined_at_ms=int(info.joined_at * 1000),
        version=info.version,
        client_protocol=info.client_protocol,
        # Numbers that this version of the protocol has no name for pass too: enums are open.
        capabilities=cast("list[models.ClientInfo.Capability]", info.capabilities),
        disconnect_reason=REASONS[info.disconnect_reason or DisconnectReason.UNKNOWN],
    )


def permission_message(permission: Permission) -> models.ParticipantPermission:
    return models.ParticipantPermission(
        can_subscribe=permission.can_subscribe,
        can_publish=permission.may_publish_something,
        can_publish_data=permission.can_publish_data,
        can_publish_sources=[SOURCES[source] for source in sorted(permission.can_publish_sources)],
        can_update_metadata=permission.can_update_own_metadata,
        can_subscribe_metrics=permission.can_subscribe_metrics,
        hidden=permission.hidden,
        recorder=permission.recorder,
        agent=permission.agent,
    )


def track_message(info: TrackInfo) -> models.TrackInfo:
    return models.TrackInfo(
        sid=info.sid,
        type=models.TrackType.AUDIO if info.kind == "audio" else models.TrackType.VIDEO,
        source=SOURCES[info.source],
        name=info.name,
        muted=info.muted,
        width=info.width,
        height=info.height,
        layers=[_layer_message(index, layer) for index, layer in enumerate(info.layers)],
        codecs=[_codec_message(codec, info.mid if index == 0 else "") for index, codec in enumerate(info.codecs)],
        mime_type=info.mime_type,
        mid=info.mid,
        simulcast=info.simulcast,
        disable_dtx=info.disable_dtx,
        stereo=info.stereo,
        disable_red=info.disable_red,
        encryption=ENCRYPTIONS[info.encryption],
        stream=info.stream,
        audio_features=[AUDIO_FEATURES[feature] for feature in sorted(info.audio_features)],
        backup_codec_policy=BACKUP_CODEC_POLICIES[info.backup_codec_policy],
        version=models.TimedVersion(ticks=info.version),
    )


def _codec_message(codec: CodecInfo, mid: str) -> models.SimulcastCodecInfo:
    return models.SimulcastCodecInfo(
        mime_type=codec.mime_type,
        mid=mid,
        cid=codec.cid,
        layers=[_layer_message(index, layer) for index, layer in enumerate(codec.layers)],
        video_layer_mode=LAYER_MODES[codec.layer_mode],
    )


def _layer_message(index: int, layer: VideoLayer) -> models.VideoLayer:
    return models.VideoLayer(
        quality=VIDEO_QUALITIES[layer.quality],
        width=layer.width,
        height=layer.height,
        bitrate=layer.bitrate_bps,
        spatial_layer=index,
        rid=layer.rid,
    )


def _version(created_at: float, ticks: int) -> models.TimedVersion:
    return models.TimedVersion(unix_micro=int(created_at * 1_000_000), ticks=ticks)
