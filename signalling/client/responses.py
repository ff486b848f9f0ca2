"""Notices of a room as LiveKit's messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from livekit.protocol import models, rtc

from rooms.live.effects import (
    BackupWanted,
    LayersWanted,
    News,
    ParticipantsChanged,
    PublishRefused,
    QualityChanged,
    RequestAnswered,
    RequestStatus,
    RoomChanged,
    SpeakersChanged,
    StreamStateChanged,
    SubscriptionPermissionChanged,
    SubscriptionRefused,
    Welcome,
    WelcomeBack,
)
from rooms.live.info import DisconnectReason, ParticipantInfo, RoomInfo, TrackInfo
from signalling.client.encoding import (
    CONNECTION_QUALITIES,
    REASONS,
    SOURCES,
    VIDEO_QUALITIES,
    participant_message,
    room_message,
    track_message,
)
from signalling.client.join_message import JoinMessage, Roster
from signalling.client.message import Message
from signalling.client.server_info import (
    PING_INTERVAL_SECONDS,
    PING_TIMEOUT_SECONDS,
    VERSION,
    enabled_publish_codecs,
    server_info,
)

STATUSES: Final = {
    RequestStatus.OK: rtc.RequestResponse.Reason.OK,
    RequestStatus.NOT_FOUND: rtc.RequestResponse.Reason.NOT_FOUND,
    RequestStatus.NOT_ALLOWED: rtc.RequestResponse.Reason.NOT_ALLOWED,
    RequestStatus.LIMIT_EXCEEDED: rtc.RequestResponse.Reason.LIMIT_EXCEEDED,
    RequestStatus.UNSUPPORTED_TYPE: rtc.RequestResponse.Reason.UNSUPPORTED_TYPE,
    RequestStatus.INVALID_REQUEST: rtc.RequestResponse.Reason.INVALID_REQUEST,
}
_RETURNING = frozenset(
    {
        DisconnectReason.STATE_MISMATCH,
        DisconnectReason.MEDIA_FAILURE,
        DisconnectReason.MIGRATION,
        DisconnectReason.SERVER_SHUTDOWN,  # An upgrade in the middle of a call: the next server takes everybody in.
    }
)
"""After these a client joins anew by itself; after all others it stays away."""


def join(welcome: Welcome, roster: Roster, *, node: str, subscriber_primary: bool) -> Message:
    permission = welcome.participant.permission
    alone = rtc.JoinResponse(
        room=room_message(welcome.room),
        participant=participant_message(welcome.participant),
        server_version=VERSION,
        server_info=server_info(node),
        subscriber_primary=subscriber_primary,
        ping_interval=PING_INTERVAL_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
        enabled_publish_codecs=enabled_publish_codecs(),
        # Data goes up on the publisher's connection too.
        fast_publish=permission.may_publish_something or permission.can_publish_data,
    )
    return JoinMessage(alone, [roster.described(other) for other in welcome.others])


def reconnect(back: WelcomeBack, *, node: str) -> Message:
    return Message(
        rtc.SignalResponse(
            reconnect=rtc.ReconnectResponse(server_info=server_info(node), last_message_seq=back.last_sequence)
        )
    )


def leave(reason: DisconnectReason) -> Message:
    """`can_reconnect` is for clients older than protocol 13, which know no action."""
    returning = reason in _RETURNING
    action = rtc.LeaveRequest.Action.RECONNECT if returning else rtc.LeaveRequest.Action.DISCONNECT
    return Message(
        rtc.SignalResponse(leave=rtc.LeaveRequest(reason=REASONS[reason], action=action, can_reconnect=returning))
    )


def leave_to_resume() -> Message:
    """Have the client come back on a new connection, with new ICE credentials and the same seat."""
    return Message(
        rtc.SignalResponse(
            leave=rtc.LeaveRequest(
                reason=models.DisconnectReason.CLIENT_INITIATED,
                action=rtc.LeaveRequest.Action.RESUME,
                can_reconnect=True,
            )
        )
    )


def announcement(news: News) -> Message:
    """What many are told in the same words."""
    match news:
        case ParticipantsChanged(participants):
            return update(participants)
        case RoomChanged(room):
            return room_update(room)
        case SpeakersChanged():
            return speakers_changed(news)
        case QualityChanged():
            return connection_quality(news)


def update(participants: Iterable[ParticipantInfo]) -> Message:
    messages = [participant_message(participant) for participant in participants]
    return Message(rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=messages)))


def room_update(room: RoomInfo) -> Message:
    return Message(rtc.SignalResponse(room_update=rtc.RoomUpdate(room=room_message(room))))


def track_published(cid: str, track: TrackInfo) -> Message:
    return Message(rtc.SignalResponse(track_published=rtc.TrackPublishedResponse(cid=cid, track=track_message(track))))


def track_unpublished(sid: str) -> Message:
    return Message(rtc.SignalResponse(track_unpublished=rtc.TrackUnpublishedResponse(track_sid=sid)))


def track_subscribed(sid: str) -> Message:
    return Message(rtc.SignalResponse(track_subscribed=rtc.TrackSubscribed(track_sid=sid)))


def mute(sid: str, *, muted: bool) -> Message:
    return Message(rtc.SignalResponse(mute=rtc.MuteTrackRequest(sid=sid, muted=muted)))


def publish_refused(notice: PublishRefused) -> Message:
    """Carries as much of the request as a client needs to recognise it."""
    request = notice.request
    return Message(
        rtc.SignalResponse(
            request_response=rtc.RequestResponse(
                reason=STATUSES[notice.status],
                message=notice.message,
                add_track=rtc.AddTrackRequest(
                    cid=request.cid,
                    name=request.name,
                    type=models.TrackType.AUDIO if request.kind == "audio" else models.TrackType.VIDEO,
                    source=SOURCES[request.source],
                ),
            )
        )
    )


def request_answered(notice: RequestAnswered) -> Message:
    return Message(
        rtc.SignalResponse(
            request_response=rtc.RequestResponse(
                request_id=notice.request, reason=STATUSES[notice.status], message=notice.message
            )
        )
    )


def refused(
    status: RequestStatus,
    message: str,
    *,
    add_track: rtc.AddTrackRequest | None = None,
    publish_data_track: rtc.PublishDataTrackRequest | None = None,
    unpublish_data_track: rtc.UnpublishDataTrackRequest | None = None,
) -> Message:
    """For requests that carry no number and have no answer of their own; some are known by their content."""
    answer = rtc.RequestResponse(
        reason=STATUSES[status],
        message=message,
        add_track=add_track,
        publish_data_track=publish_data_track,
        unpublish_data_track=unpublish_data_track,
    )
    return Message(rtc.SignalResponse(request_response=answer))


def subscription_refused(notice: SubscriptionRefused) -> Message:
    unsupported, not_found = models.SubscriptionError.SE_CODEC_UNSUPPORTED, models.SubscriptionError.SE_TRACK_NOTFOUND
    return Message(
        rtc.SignalResponse(
            subscription_response=rtc.SubscriptionResponse(
                track_sid=notice.track, err=unsupported if notice.codec_unsupported else not_found
            )
        )
    )


def subscription_permission(notice: SubscriptionPermissionChanged) -> Message:
    return Message(
        rtc.SignalResponse(
            subscription_permission_update=rtc.SubscriptionPermissionUpdate(
                participant_sid=notice.publisher, track_sid=notice.track, allowed=notice.allowed
            )
        )
    )


def speakers_changed(notice: SpeakersChanged) -> Message:
    speakers = [
        models.SpeakerInfo(sid=speaker.participant, level=speaker.level, active=speaker.active)
        for speaker in notice.speakers
    ]
    return Message(rtc.SignalResponse(speakers_changed=rtc.SpeakersChanged(speakers=speakers)))


def connection_quality(notice: QualityChanged) -> Message:
    updates = [
        rtc.ConnectionQualityInfo(
            participant_sid=report.participant, quality=CONNECTION_QUALITIES[report.quality], score=report.score
        )
        for report in notice.reports
    ]
    return Message(rtc.SignalResponse(connection_quality=rtc.ConnectionQualityUpdate(updates=updates)))


def stream_state(notice: StreamStateChanged) -> Message:
    state = rtc.StreamState.PAUSED if notice.paused else rtc.StreamState.ACTIVE
    changed = rtc.StreamStateInfo(participant_sid=notice.publisher, track_sid=notice.track, state=state)
    return Message(rtc.SignalResponse(stream_state_update=rtc.StreamStateUpdate(stream_states=[changed])))


def backup_wanted(notice: BackupWanted) -> Message:
    """Names the second codec only: of the others nothing changes."""
    qualities = [rtc.SubscribedQuality(quality=number, enabled=True) for number in VIDEO_QUALITIES.values()]
    codec = notice.mime_type.partition("/")[2].lower()
    return Message(
        rtc.SignalResponse(
            subscribed_quality_update=rtc.SubscribedQualityUpdate(
                track_sid=notice.track,
                subscribed_codecs=[rtc.SubscribedCodec(codec=codec, qualities=qualities)],
            )
        )
    )


def layers_wanted(notice: LayersWanted) -> Message:
    """Said twice: old clients know no codecs. All qualities are listed, as clients leave on what is not mentioned.

    Clients number the layers they send from LOW, however few there are; all wanted means all that may come, too.
    """
    everything = notice.wanted == notice.sent
    qualities = [
        rtc.SubscribedQuality(quality=number, enabled=everything or quality < notice.wanted)
        for quality, number in VIDEO_QUALITIES.items()
    ]
    codec = notice.mime_type.partition("/")[2].lower()
    return Message(
        rtc.SignalResponse(
            subscribed_quality_update=rtc.SubscribedQualityUpdate(
                track_sid=notice.track,
                subscribed_qualities=qualities,
                subscribed_codecs=[rtc.SubscribedCodec(codec=codec, qualities=qualities)],
            )
        )
    )


def refresh_token(token: str) -> Message:
    return Message(rtc.SignalResponse(refresh_token=token))
