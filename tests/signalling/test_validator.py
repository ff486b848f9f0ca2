"""What makes real clients crash, hang or reload cannot leave the server: one story per line of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from livekit.protocol import models, rtc

from signalling.client.message import Message
from signalling.client.validator import Validator

MSID = "a=msid:PA_lan|TR_VCcamera TR_VCcamera"


def participant(**changes: object) -> models.ParticipantInfo:
    complete = models.ParticipantInfo(
        sid="PA_lan",
        identity="lan",
        version=3,
        permission=models.ParticipantPermission(can_publish=True),
        tracks=[models.TrackInfo(sid="TR_VCcamera")],
    )
    complete.MergeFrom(models.ParticipantInfo(**changes))  # type: ignore[arg-type]
    return complete


def join() -> rtc.SignalResponse:
    return rtc.SignalResponse(
        join=rtc.JoinResponse(
            room=models.Room(sid="RM_cardiology", name="cardiology"),
            participant=participant(),
            ping_interval=5,
            ping_timeout=15,
            server_version="1.13.5",
            server_info=models.ServerInfo(version="1.13.5", protocol=17),
            subscriber_primary=True,
            enabled_publish_codecs=[models.Codec(mime="video/VP8"), models.Codec(mime="audio/opus")],
        )
    )


def offer(*msids: str, mids: dict[str, str] | None = None) -> rtc.SignalResponse:
    sdp = "v=0\r\n" + "".join(f"m=video 9\r\na=mid:{mid}\r\n{msid}\r\n" for mid, msid in enumerate(msids))
    return rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", id=1, sdp=sdp, mid_to_track_id=mids or {}))


def changed(change: Callable[[rtc.SignalResponse], object]) -> rtc.SignalResponse:
    response = join()
    change(response)
    return response


QUALITIES = [
    rtc.SubscribedQuality(quality=quality, enabled=True)
    for quality in (models.VideoQuality.LOW, models.VideoQuality.MEDIUM, models.VideoQuality.HIGH)
]


def subscribed(codec: rtc.SubscribedCodec, *legacy: rtc.SubscribedQuality) -> rtc.SignalResponse:
    return rtc.SignalResponse(
        subscribed_quality_update=rtc.SubscribedQualityUpdate(
            track_sid="TR_VCcamera", subscribed_codecs=[codec], subscribed_qualities=legacy
        )
    )


CRASHES = {
    "an empty response": rtc.SignalResponse(),
    "no room": changed(lambda r: r.join.ClearField("room")),
    "no room ": rtc.SignalResponse(room_update=rtc.RoomUpdate()),
    "room without name": changed(lambda r: r.join.room.ClearField("name")),
    "lacks RM_": changed(lambda r: setattr(r.join.room, "sid", "cardiology")),
    "lacks PA_": changed(lambda r: setattr(r.join.participant, "sid", "lan")),
    "lacks PA_ ": changed(lambda r: r.join.other_participants.add(sid="", identity="minh")),
    "lacks TR_": changed(lambda r: r.join.participant.tracks.add(sid="camera")),
    "without identity": changed(lambda r: r.join.participant.ClearField("identity")),
    "without permission": changed(lambda r: r.join.participant.ClearField("permission")),
    "ping_interval 0": changed(lambda r: r.join.ClearField("ping_interval")),
    "ping_timeout": changed(lambda r: setattr(r.join, "ping_timeout", 5)),
    "server_version": changed(lambda r: setattr(r.join, "server_version", "v1")),
    "server_info.version": changed(lambda r: setattr(r.join.server_info, "version", "")),
    "protocol 18": changed(lambda r: setattr(r.join.server_info, "protocol", 18)),
    "codec without a slash": changed(lambda r: r.join.enabled_publish_codecs.add(mime="vp8")),
    "video codecs after audio": changed(lambda r: r.join.enabled_publish_codecs.add(mime="video/AV1")),
    "lacks PA_  ": rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[participant(sid="lan")])),
    "lacks PA_   ": rtc.SignalResponse(speakers_changed=rtc.SpeakersChanged(speakers=[models.SpeakerInfo(sid="lan")])),
    "audio level": rtc.SignalResponse(
        speakers_changed=rtc.SpeakersChanged(speakers=[models.SpeakerInfo(sid="PA_lan", level=1.5)])
    ),
    "lacks PA_    ": rtc.SignalResponse(
        connection_quality=rtc.ConnectionQualityUpdate(updates=[rtc.ConnectionQualityInfo(participant_sid="x")])
    ),
    "without track": rtc.SignalResponse(track_published=rtc.TrackPublishedResponse(cid="c")),
    "without cid": rtc.SignalResponse(
        track_published=rtc.TrackPublishedResponse(track=models.TrackInfo(sid="TR_VCcamera"))
    ),
    "lacks TR_ ": rtc.SignalResponse(track_unpublished=rtc.TrackUnpublishedResponse(track_sid="camera")),
    "lacks TR_  ": rtc.SignalResponse(mute=rtc.MuteTrackRequest(sid="")),
    "trickle": rtc.SignalResponse(trickle=rtc.TrickleRequest(candidateInit="{}")),
    "of type 'answer'": rtc.SignalResponse(offer=rtc.SessionDescription(type="answer", id=1)),
    "of type ''": rtc.SignalResponse(answer=rtc.SessionDescription()),
    "offer without id": rtc.SignalResponse(offer=rtc.SessionDescription(type="offer")),
    "is not PA_": offer("a=msid:lan camera", mids={"0": "TR_VCcamera"}),
    "twice": offer(MSID, MSID, mids={"0": "TR_VCcamera", "1": "TR_VCcamera"}),
    "mid 0 is not mapped": offer(MSID),
    "mid 0 is not mapped ": offer(MSID, mids={"0": "TR_other"}),
    "with its kind": rtc.SignalResponse(
        subscribed_quality_update=rtc.SubscribedQualityUpdate(
            track_sid="TR_VCcamera", subscribed_codecs=[rtc.SubscribedCodec(codec="video/VP8")]
        )
    ),
    "not in lower case": rtc.SignalResponse(
        subscribed_quality_update=rtc.SubscribedQualityUpdate(
            track_sid="TR_VCcamera", subscribed_codecs=[rtc.SubscribedCodec(codec="VP8")]
        )
    ),
    "not every quality named": subscribed(rtc.SubscribedCodec(codec="vp8", qualities=QUALITIES[:2]), *QUALITIES),
    "not every quality named ": subscribed(rtc.SubscribedCodec(codec="vp8", qualities=QUALITIES), *QUALITIES[:2]),
    "no subscribed_codecs": rtc.SignalResponse(
        subscribed_quality_update=rtc.SubscribedQualityUpdate(track_sid="TR_x", subscribed_qualities=QUALITIES)
    ),
    "stream_state_update of nothing": rtc.SignalResponse(stream_state_update=rtc.StreamStateUpdate()),
    "lacks TR_   ": rtc.SignalResponse(
        stream_state_update=rtc.StreamStateUpdate(stream_states=[rtc.StreamStateInfo(participant_sid="PA_x")])
    ),
    "media_sections_requirement in dual": rtc.SignalResponse(
        media_sections_requirement=rtc.MediaSectionsRequirement(num_audios=1)
    ),
}


@pytest.mark.parametrize("reason", CRASHES)
def test_what_crashes_a_client_is_a_fault_of_ours(reason: str) -> None:
    with pytest.raises(AssertionError) as caught:
        Validator(single=False).check(Message(CRASHES[reason]))
    assert reason.strip() in str(caught.value)


def test_what_crashes_a_client_of_one_connection() -> None:
    validator = Validator(single=True)
    with pytest.raises(AssertionError, match="subscriber_primary in single"):
        validator.check(Message(join()))
    with pytest.raises(AssertionError, match="offer in single"):
        validator.check(Message(offer(MSID, mids={"0": "TR_VCcamera"})))


def test_news_of_a_participant_never_goes_back_in_time() -> None:
    validator = Validator(single=False)
    validator.check(Message(join()))
    for version in (3, 4, 9):
        validator.check(
            Message(rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[participant(version=version)])))
        )
    with pytest.raises(AssertionError, match="goes back"):
        validator.check(
            Message(rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[participant(version=8)])))
        )


def test_ordinary_messages_pass_as_they_are() -> None:
    validator = Validator(single=False)
    single = changed(lambda r: setattr(r.join, "subscriber_primary", False))
    for response in (
        join(),
        offer(MSID, "a=inactive", mids={"0": "TR_VCcamera"}),
        rtc.SignalResponse(pong=7),
        subscribed(rtc.SubscribedCodec(codec="vp8", qualities=QUALITIES), *QUALITIES),
        rtc.SignalResponse(refresh_token="token"),
        rtc.SignalResponse(leave=rtc.LeaveRequest(reason=models.DisconnectReason.ROOM_DELETED)),
        rtc.SignalResponse(room_update=rtc.RoomUpdate(room=models.Room(name="cardiology"))),
        rtc.SignalResponse(track_published=rtc.TrackPublishedResponse(cid="c", track=models.TrackInfo(sid="TR_AMx"))),
        rtc.SignalResponse(answer=rtc.SessionDescription(type="answer", sdp="v=0\r\n")),
    ):
        message = Message(response)
        assert validator.check(message) is message
    Validator(single=True).check(Message(single))
