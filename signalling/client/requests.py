"""What a client may ask for: one reaction to each kind of SignalRequest. Unknown kinds are counted and ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from livekit.protocol import rtc

from rooms.live.effects import RequestStatus
from rooms.live.events import (
    AddBackupCodec,
    AddTrack,
    ChangeTrackSettings,
    Leave,
    MuteTrack,
    SimulateSpeakers,
    TrackSettings,
    UpdateAudioTrack,
    UpdateVideoTrack,
)
from rooms.live.ids import Seconds, TrackSid
from rooms.live.info import DisconnectReason
from signalling.client import decoding, responses
from signalling.client.message import Message
from signalling.client.notices import drop
from signalling.client.sdp import SdpError
from signalling.client.session_effects import Count, Send, SessionEffect, TellRoom
from signalling.client.session_state import Linked, OnResume, Returned, SessionState

Reaction = Callable[[SessionState, Seconds, rtc.SignalRequest], list[SessionEffect]]


def react(state: SessionState, now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    kind = request.WhichOneof("message")
    reaction = _REACTIONS.get(kind or "")
    described = _described_again(state)
    return [*described, *([Count("unknown_request")] if reaction is None else reaction(state, now, request))]


def _described_again(state: SessionState) -> list[SessionEffect]:
    """The first words of a client that is back: now it can bear descriptions."""
    if not isinstance(state.link, Returned):
        return []
    state.link = Linked()
    return state.negotiation.resume()


def _offer(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    try:
        return state.negotiation.offered(request.offer)
    except SdpError as error:
        return _bad_description(error)


def _answer(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    try:
        return state.negotiation.answered(request.answer)
    except SdpError as error:
        return _bad_description(error)


def _bad_description(error: SdpError) -> list[SessionEffect]:
    """LiveKit has no answer for this; the client's own timeout follows, and this tells its developer why."""
    return [Count("bad_description"), Send(responses.refused(RequestStatus.INVALID_REQUEST, str(error)))]


def _trickle(_state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    """An ICE-lite agent answers whoever proves itself: the client's candidates say nothing it needs (RFC 8445 §2.5)."""
    return []


def _add_track(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    asked = request.add_track
    if asked.sid:
        return _add_backup_codec(state, asked)
    return [TellRoom(AddTrack(participant=state.participant, request=decoding.track_request(asked)))]


def _add_backup_codec(state: SessionState, asked: rtc.AddTrackRequest) -> list[SessionEffect]:
    """A second codec of a published track."""
    codec = decoding.backup_codec(asked)
    if codec is None:
        refusal = "this server does not carry this codec"
        return [Send(responses.refused(RequestStatus.UNSUPPORTED_TYPE, refusal, add_track=asked))]
    return [TellRoom(AddBackupCodec(participant=state.participant, track=TrackSid(asked.sid), codec=codec))]


def _mute(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    track = TrackSid(request.mute.sid)
    return [TellRoom(MuteTrack(participant=state.participant, track=track, muted=request.mute.muted))]


def _subscription(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    return [TellRoom(decoding.subscribe(state.participant, request.subscription))]


def _track_setting(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    return [TellRoom(decoding.change_settings(state.participant, request.track_setting))]


def _leave(state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    return [TellRoom(Leave(participant=state.participant, reason=DisconnectReason.CLIENT_INITIATED))]


def _update_layers(_state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    """Obsolete: layers are what arrives."""
    return []


def _subscription_permission(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    return [TellRoom(decoding.set_permission(state.participant, request.subscription_permission))]


def _sync_state(state: SessionState, now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    """What the client thinks after a resume. We have kept nearly all of it; what it changed meanwhile is applied."""
    sync = request.sync_state
    published = [TrackSid(published.track.sid) for published in sync.publish_tracks]
    if not all(state.negotiation.receiving.knows(track) for track in published):
        return [TellRoom(Leave(participant=state.participant, reason=DisconnectReason.STATE_MISMATCH))]
    effects: list[SessionEffect] = []
    if sync.HasField("subscription"):
        effects += _subscription(state, now, rtc.SignalRequest(subscription=sync.subscription))
    disabled = decoding.track_sids(sync.track_sids_disabled)
    if disabled:
        settings = TrackSettings(disabled=True)
        effects.append(TellRoom(ChangeTrackSettings(participant=state.participant, tracks=disabled, settings=settings)))
    return effects


def _ping(state: SessionState, now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    return [Send(Message(rtc.SignalResponse(pong=_unix_ms(state, now))))]


def _ping_req(state: SessionState, now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    pong = rtc.Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=_unix_ms(state, now))
    return [Send(Message(rtc.SignalResponse(pong_resp=pong)))]


def _update_metadata(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    return [TellRoom(decoding.update_metadata(state.participant, request.update_metadata))]


def _update_audio_track(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    asked = request.update_audio_track
    features = decoding.audio_features(asked)
    return [
        TellRoom(UpdateAudioTrack(participant=state.participant, track=TrackSid(asked.track_sid), features=features))
    ]


def _update_video_track(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    asked = request.update_video_track
    width, height = decoding.size(asked.width, asked.height)
    event = UpdateVideoTrack(participant=state.participant, track=TrackSid(asked.track_sid), width=width, height=height)
    return [TellRoom(event)]


def _publish_data_track(_state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    asked, refusal = request.publish_data_track_request, "data tracks are not supported"
    return [Send(responses.refused(RequestStatus.UNSUPPORTED_TYPE, refusal, publish_data_track=asked))]


def _unpublish_data_track(_state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    asked, refusal = request.unpublish_data_track_request, "there is no such data track"
    return [Send(responses.refused(RequestStatus.NOT_FOUND, refusal, unpublish_data_track=asked))]


def _update_data_subscription(_state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    """There are no data tracks, so there is nothing to subscribe to; clients send this unasked at joining."""
    return []


def _data_blob(_state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    return [Send(responses.refused(RequestStatus.UNSUPPORTED_TYPE, "data blobs are not supported"))]


def _simulate(state: SessionState, now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    """Faults on demand, for the clients' own tests. They reach nobody but the client that asks."""
    scenario = request.simulate.WhichOneof("scenario")
    reaction = _SCENARIOS.get(scenario or "")
    return [Count("unknown_scenario")] if reaction is None else reaction(state, now, request)


def _simulate_speakers(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    seconds = float(request.simulate.speaker_update)
    return [TellRoom(SimulateSpeakers(participant=state.participant, seconds=seconds))]


def _simulate_node_failure(state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    """Gone without a word: the client's resume will find no seat."""
    return [*drop(state), TellRoom(Leave(participant=state.participant, reason=DisconnectReason.UNKNOWN))]


def _leaving_for(reason: DisconnectReason) -> Reaction:
    return lambda state, _now, _request: [TellRoom(Leave(participant=state.participant, reason=reason))]


def _switch_candidate_protocol(state: SessionState, _now: Seconds, request: rtc.SignalRequest) -> list[SessionEffect]:
    """Describe only candidates of the wished protocol, and have the client restart ICE by resuming."""
    wished = request.simulate.switch_candidate_protocol
    if wished == rtc.CandidateProtocol.TLS:
        return [Send(responses.refused(RequestStatus.UNSUPPORTED_TYPE, "there is no TURN over TLS here"))]
    state.negotiation.prefer(state.media.only("tcp" if wished == rtc.CandidateProtocol.TCP else "udp"))
    return [Send(responses.leave_to_resume())]


def _simulate_bandwidth(_state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
    message = "subscriber bandwidth cannot be simulated: what a link carries is measured"
    return [Send(responses.refused(RequestStatus.UNSUPPORTED_TYPE, message))]


def _failing_resume(on_resume: OnResume) -> Reaction:
    def react(state: SessionState, _now: Seconds, _request: rtc.SignalRequest) -> list[SessionEffect]:
        state.on_resume = on_resume
        return drop(state)

    return react


def _unix_ms(state: SessionState, now: Seconds) -> int:
    return int((now + state.unix_offset) * 1000)


_SCENARIOS: Final[dict[str, Reaction]] = {
    "speaker_update": _simulate_speakers,
    "node_failure": _simulate_node_failure,
    "migration": _leaving_for(DisconnectReason.MIGRATION),
    "server_leave": _leaving_for(DisconnectReason.PARTICIPANT_REMOVED),
    "switch_candidate_protocol": _switch_candidate_protocol,
    "subscriber_bandwidth": _simulate_bandwidth,
    "disconnect_signal_on_resume": _failing_resume(OnResume.DROP_AFTER_MESSAGES),
    "disconnect_signal_on_resume_no_messages": _failing_resume(OnResume.DROP_AT_ONCE),
    "leave_request_full_reconnect": _leaving_for(DisconnectReason.STATE_MISMATCH),
}

_REACTIONS: Final[dict[str, Reaction]] = {
    "offer": _offer,
    "answer": _answer,
    "trickle": _trickle,
    "add_track": _add_track,
    "mute": _mute,
    "subscription": _subscription,
    "track_setting": _track_setting,
    "leave": _leave,
    "update_layers": _update_layers,
    "subscription_permission": _subscription_permission,
    "sync_state": _sync_state,
    "simulate": _simulate,
    "ping": _ping,
    "ping_req": _ping_req,
    "update_metadata": _update_metadata,
    "update_audio_track": _update_audio_track,
    "update_video_track": _update_video_track,
    "publish_data_track_request": _publish_data_track,
    "unpublish_data_track_request": _unpublish_data_track,
    "update_data_subscription": _update_data_subscription,
    "store_data_blob_request": _data_blob,
    "get_data_blob_request": _data_blob,
}
