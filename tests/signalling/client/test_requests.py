"""Every kind of SignalRequest has a reaction that was chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models, rtc

from rooms.live.permission import Permission
from signalling.client import requests
from tests.signalling.client.clinic import Clinic

ALL_KINDS = [field.name for field in rtc.SignalRequest.DESCRIPTOR.oneofs_by_name["message"].fields]
ALL_SCENARIOS = [field.name for field in rtc.SimulateScenario.DESCRIPTOR.oneofs_by_name["scenario"].fields]


def test_no_kind_of_request_and_no_scenario_is_forgotten() -> None:
    assert sorted(requests._REACTIONS) == sorted(ALL_KINDS)
    assert sorted(requests._SCENARIOS) == sorted(ALL_SCENARIOS)


@pytest.mark.parametrize("mode", ["dual", "single"])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_an_empty_request_of_any_kind_hurts_nobody_else(kind: str, mode: str) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai", mode)  # type: ignore[arg-type]  # both are modes
    sid = lan.publishes("cam", "video")
    request = rtc.SignalRequest()
    if kind == "ping":
        request.ping = 0
    else:
        getattr(request, kind).SetInParent()
    mai.host.request(mai.sid, mai.wire, request)
    clinic.wait(10)
    assert clinic.registry.counters["room_faults"] == 0
    assert lan.wire.hung_up == "no"
    assert list(clinic.core.producers)
    assert [track.sid for info in lan.host.participants() for track in info.tracks] == [sid]


@given(data=st.binary(max_size=200))
def test_bytes_that_parse_as_a_request_hurt_nobody(data: bytes) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    try:
        request = rtc.SignalRequest.FromString(data)
    except Exception:  # noqa: BLE001 - protobuf's own decoder errors differ by implementation; not our subject
        return
    mai.host.request(mai.sid, mai.wire, request)
    assert clinic.registry.counters["room_faults"] == 0
    assert lan.wire.hung_up == "no"


def test_an_unknown_request_is_counted_and_ignored() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    before = list(mai.kinds)
    mai.host.request(mai.sid, mai.wire, rtc.SignalRequest.FromString(b"\xfa\x3e\x02hi"))
    assert clinic.registry.counters["unknown_request"] == 1
    assert mai.kinds == before


def test_pings_are_answered_with_the_time() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.says(ping=5)
    mai.says(ping_req=rtc.Ping(timestamp=1234, rtt=7))
    now = int((1_700_000_000 + clinic.clock.now) * 1000)
    assert mai.last("pong") == now
    assert (mai.last("pong_resp").last_ping_timestamp, mai.last("pong_resp").timestamp) == (1234, now)


def test_ten_thousand_candidates_change_nothing() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    before, asked = len(mai.received), len(clinic.core.asked)
    for number in range(10_000):
        mai.says(trickle=rtc.TrickleRequest(candidateInit="{" * (number % 50), target=rtc.SignalTarget.PUBLISHER))
    assert (len(mai.received), len(clinic.core.asked)) == (before, asked)


@pytest.mark.parametrize("sdp", ["", "v=0", "v=0\r\n" * 100, "\x00" * 100, "m=" * 1000])
@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_a_description_that_is_none_gets_a_sentence(sdp: str, kind: str) -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.says(**{kind: rtc.SessionDescription(type=kind, sdp=sdp, id=mai.last("offer").id)})
    refused = mai.last("request_response")
    assert refused.reason == rtc.RequestResponse.Reason.INVALID_REQUEST
    assert refused.message
    assert clinic.registry.counters["bad_description"] == 1


def test_metadata_is_changed_confirmed_and_seen_by_oneself() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    change = rtc.UpdateParticipantMetadata(request_id=4, metadata="m", name="BS Mai", attributes={"a": "1"})
    mai.says(update_metadata=change)
    for person in (lan, mai):
        info = person.last("update").participants[0]
        assert (info.identity, info.metadata, info.name, dict(info.attributes)) == ("mai", "m", "BS Mai", {"a": "1"})
    answer = mai.last("request_response")
    assert (answer.request_id, answer.reason) == (4, rtc.RequestResponse.Reason.OK)
    mai.says(update_metadata=rtc.UpdateParticipantMetadata(request_id=5, attributes={"a": ""}))
    info = lan.last("update").participants[0]
    assert (info.metadata, info.name, dict(info.attributes)) == ("m", "BS Mai", {})


def test_what_one_says_of_oneself_survives_a_new_join() -> None:
    """After a full reconnection a client shows its newest token: it must carry the raised hand."""
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.says(update_metadata=rtc.UpdateParticipantMetadata(request_id=4, metadata="m", attributes={"hand": "up"}))
    grants = clinic.authority.verify_join(mai.last("refresh_token")).grants
    assert (grants.metadata, grants.attributes) == ("m", {"hand": "up"})


def test_success_is_not_told_to_clients_that_do_not_expect_it_and_refusal_is() -> None:
    clinic = Clinic()
    old = clinic.enters("old", protocol=14)
    old.says(update_metadata=rtc.UpdateParticipantMetadata(request_id=1, metadata="m"))
    assert "request_response" not in old.kinds
    mai = clinic.enters("mai", permission=Permission())
    mai.says(update_metadata=rtc.UpdateParticipantMetadata(request_id=2, metadata="m"))
    refused = mai.last("request_response")
    assert (refused.request_id, refused.reason) == (2, rtc.RequestResponse.Reason.NOT_ALLOWED)


def test_tracks_are_described_anew() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    camera, microphone = lan.publishes("cam", "video"), lan.publishes("mic", "audio")
    lan.says(update_video_track=rtc.UpdateLocalVideoTrack(track_sid=camera, width=640, height=2**31))
    lan.says(
        update_audio_track=rtc.UpdateLocalAudioTrack(
            track_sid=microphone, features=[models.AudioTrackFeature.TF_STEREO]
        )
    )
    tracks = {track.sid: track for track in mai.last("update").participants[0].tracks}
    assert (tracks[camera].width, tracks[camera].height) == (640, 16_384)
    assert list(tracks[microphone].audio_features) == [models.AudioTrackFeature.TF_STEREO]


def test_nobody_touches_what_another_publishes() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("mic", "audio")
    asked = list(clinic.core.asked)
    mai.says(mute=rtc.MuteTrackRequest(sid=sid, muted=True))
    mai.says(update_audio_track=rtc.UpdateLocalAudioTrack(track_sid=sid))
    assert clinic.core.asked == asked
    assert not lan.last("update").participants[0].tracks[0].muted


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("publish_data_track_request", rtc.RequestResponse.Reason.UNSUPPORTED_TYPE),
        ("unpublish_data_track_request", rtc.RequestResponse.Reason.NOT_FOUND),
        ("store_data_blob_request", rtc.RequestResponse.Reason.UNSUPPORTED_TYPE),
        ("get_data_blob_request", rtc.RequestResponse.Reason.UNSUPPORTED_TYPE),
    ],
)
def test_what_is_not_offered_is_refused_politely(kind: str, reason: int) -> None:
    mai = Clinic().enters("mai")
    request = rtc.SignalRequest()
    getattr(request, kind).SetInParent()
    mai.host.request(mai.sid, mai.wire, request)
    assert mai.last("request_response").reason == reason


def simulates(scenario: str, value: int | bool) -> rtc.SimulateScenario:  # noqa: FBT001 - as the scenario has it
    return rtc.SimulateScenario(**{scenario: value})  # type: ignore[arg-type]  # each scenario has its own type


@pytest.mark.parametrize(
    ("scenario", "reason", "action"),
    [
        ("migration", models.DisconnectReason.MIGRATION, rtc.LeaveRequest.Action.RECONNECT),
        ("server_leave", models.DisconnectReason.PARTICIPANT_REMOVED, rtc.LeaveRequest.Action.DISCONNECT),
        ("leave_request_full_reconnect", models.DisconnectReason.STATE_MISMATCH, rtc.LeaveRequest.Action.RECONNECT),
    ],
)
def test_simulated_departures_say_what_to_do_next(scenario: str, reason: int, action: int) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.says(simulate=simulates(scenario, True))
    assert (mai.last("leave").reason, mai.last("leave").action) == (reason, action)
    assert mai.wire.hung_up == "politely"
    assert lan.wire.hung_up == "no", "scenarios reach nobody but the client that asks"


def test_a_simulated_node_failure_is_silence_and_an_unknown_seat() -> None:
    clinic = Clinic()
    clinic.enters("lan")
    mai = clinic.enters("mai")
    mai.settles()
    mai.says(simulate=simulates("node_failure", True))
    assert mai.wire.hung_up == "abruptly"
    assert "leave" not in mai.kinds
    assert mai.resume() is not None


@pytest.mark.parametrize(
    ("scenario", "heard"),
    [
        ("disconnect_signal_on_resume", ["reconnect", "update", "room_update"]),
        ("disconnect_signal_on_resume_no_messages", []),
    ],
)
def test_a_simulated_failing_resume_fails_once(scenario: str, heard: list[str]) -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    mai.says(simulate=simulates(scenario, True))
    assert mai.wire.hung_up == "abruptly"
    assert mai.resume() is None
    assert mai.kinds == heard
    failed = mai.wire
    assert mai.resume() is None
    assert mai.kinds[0] == "reconnect"
    assert (failed.hung_up, mai.wire.hung_up) == ("abruptly", "no")


def test_a_simulated_speaker_is_shown() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.says(simulate=simulates("speaker_update", 3))
    assert mai.last("speakers_changed").speakers[0].active
    clinic.wait(6)
    assert not mai.last("speakers_changed").speakers[0].active


def test_switching_to_tcp_describes_tcp_only_and_has_the_client_restart_ice() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    assert "127.0.0.1 7882" in mai.last("offer").sdp
    mai.settles()
    mai.says(simulate=simulates("switch_candidate_protocol", rtc.CandidateProtocol.TCP))
    assert mai.last("leave").action == rtc.LeaveRequest.Action.RESUME
    mai.loses_connection()
    mai.comes_back()
    sdp = mai.last("offer").sdp
    assert "127.0.0.1 7881" in sdp
    assert "127.0.0.1 7882" not in sdp


def test_what_cannot_be_simulated_is_said() -> None:
    mai = Clinic().enters("mai")
    for scenario, value in (("subscriber_bandwidth", 100), ("switch_candidate_protocol", rtc.CandidateProtocol.TLS)):
        mai.says(simulate=simulates(scenario, value))
        assert mai.last("request_response").reason == rtc.RequestResponse.Reason.UNSUPPORTED_TYPE
