from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from media.events import TransportDisconnected, TransportFailed
from rooms.live.admin_actions import MutePublishedTrack
from rooms.live.effects import Refusal
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.ids import Identity, TrackSid
from signalling.client.sdp import parse
from tests.signalling.client.clinic import Client, Clinic
from tests.signalling.client.stand_ins import Mode

MODES = pytest.mark.parametrize("mode", ["dual", "single"])


def away(clinic: Clinic, mode: Mode = "dual", name: str = "mai") -> Client:
    """A client whose media flows and whose connection is lost."""
    client = clinic.enters(name, mode)
    if mode == "single":
        client.receives_on_new_sections(2, 2)
        client.offers()
    client.settles()
    client.loses_connection()
    return client


@MODES
def test_a_resumed_client_is_told_in_the_order_it_insists_on(mode: Mode) -> None:
    clinic = Clinic()
    lan, nam = clinic.enters("lan"), clinic.enters("nam")
    mai = away(clinic, mode)
    nam.says(leave=rtc.LeaveRequest())
    lan.publishes("cam", "video")
    assert mai.resume() is None

    expected = ["reconnect", "update", "room_update", "refresh_token"]
    assert mai.kinds == expected, "livekit 1.0.25 may die of an offer that comes before it has said what it knows"
    mai.says(sync_state=rtc.SyncState())
    clinic.wait(1)
    assert mai.kinds[4:] == (["offer"] if mode == "dual" else ["media_sections_requirement"])
    snapshot = {info.identity: info for info in mai.all("update")[0].participants}
    assert snapshot.keys() == {"lan", "mai", "nam"}
    assert snapshot["nam"].state == models.ParticipantInfo.State.DISCONNECTED
    assert len(snapshot["lan"].tracks) == 1
    assert mai.last("reconnect").server_info.version == "1.13.5"


def test_the_subscriber_connection_restarts_ice_in_the_next_offer() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    before = parse(mai.last("offer").sdp).ice
    mai.settles()
    mai.loses_connection()
    mai.comes_back()
    after = parse(mai.last("offer").sdp).ice
    assert before.username_fragment != after.username_fragment
    assert clinic.core.all(cmd.RestartIce) == [cmd.RestartIce(transport=mai.downlink, ice=after)]
    mai.restarts_ice()
    mai.answers()
    assert clinic.core.all(cmd.ConnectTransport)[-1].ice.username_fragment == mai.local.ice.username_fragment


def test_media_goes_on_and_nobody_notices() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = mai.publishes("cam", "video")
    for person in (lan, mai):
        person.settles()
        person.settles()
    assert lan.sent.keys() == {sid}
    lan.forget()
    consumers = dict(clinic.core.consumers)
    mai.loses_connection()
    clinic.wait(60)
    mai.resume()
    assert clinic.core.consumers == consumers
    assert not [update for update in lan.all("update") if update.participants[0].identity == "mai"]


def test_what_was_offered_before_the_cut_is_offered_again() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.settles()
    sid = lan.publishes("cam", "video")  # Offered to mai, who is cut off before it answers.
    mai.loses_connection()
    mai.comes_back()
    mai.answers()
    assert mai.sent.keys() == {sid}


def test_a_track_announced_before_the_cut_is_confirmed_again() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    mai.adds_track("cam", "video")
    sid = mai.last("track_published").track.sid
    mai.loses_connection()
    mai.resume()
    assert (mai.last("track_published").cid, mai.last("track_published").track.sid) == ("cam", sid)


def test_the_last_message_taken_is_told() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    mai.sends_data(models.DataPacket(user=models.UserPacket(payload=b"x"), sequence=9))
    mai.loses_connection()
    mai.resume()
    assert mai.last("reconnect").last_message_seq == 9


def test_the_clients_own_view_is_applied() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    camera, microphone = lan.publishes("cam", "video"), lan.publishes("mic", "audio")
    mai = away(clinic)
    assert mai.sent.keys() == {camera, microphone}
    [video] = [key for key, added in clinic.core.consumers.items() if added.parameters.rtx_ssrc]
    mai.resume()
    mai.says(
        sync_state=rtc.SyncState(
            subscription=rtc.UpdateSubscription(track_sids=[microphone], subscribe=False),
            track_sids_disabled=[camera],
        )
    )
    mai.answers()
    clinic.wait(1)
    mai.answers()
    assert mai.sent.keys() == {camera}
    assert clinic.core.all(cmd.SetConsumer)[-1] == cmd.SetConsumer(consumer=video, paused=True, spatial_layer=0)


def test_a_client_that_thinks_it_publishes_what_we_do_not_know_joins_anew() -> None:
    clinic = Clinic()
    mai = away(clinic)
    mai.resume()
    unknown = rtc.TrackPublishedResponse(cid="cam", track=models.TrackInfo(sid="TR_VCunknown"))
    mai.says(sync_state=rtc.SyncState(publish_tracks=[unknown]))
    leave = mai.last("leave")
    assert (leave.reason, leave.action) == (models.DisconnectReason.STATE_MISMATCH, rtc.LeaveRequest.Action.RECONNECT)


def test_known_tracks_are_no_reason_to_leave() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    mai.publishes("cam", "video")
    known = mai.last("track_published")
    mai.loses_connection()
    mai.resume()
    mai.says(sync_state=rtc.SyncState(publish_tracks=[known]))
    assert "leave" not in mai.kinds


def test_a_seat_outlasts_ten_seconds_of_silence_on_all_paths() -> None:
    clinic = Clinic()
    clinic.enters("lan")
    mai = away(clinic)
    clinic.reports(TransportDisconnected(transport=mai.downlink))
    clinic.wait(12)
    assert mai.resume() is None


def test_failed_media_ends_the_seat_and_a_late_client_is_turned_away() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    mai = away(clinic)
    clinic.reports(TransportFailed(transport=mai.downlink, reason="consent-expired"))
    assert mai.resume() is Refusal.UNKNOWN_PARTICIPANT
    clinic.wait(GATHERING_SECONDS)
    assert lan.last("update").participants[0].state == models.ParticipantInfo.State.DISCONNECTED


def test_failed_media_makes_a_listening_client_join_anew() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    clinic.reports(TransportFailed(transport=mai.uplink, reason="dtls-failed"))
    assert mai.last("leave").action == rtc.LeaveRequest.Action.RECONNECT
    assert mai.last("leave").can_reconnect


def test_a_client_that_closes_its_transports_first_still_leaves_by_its_own_will() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.settles()
    clinic.reports(TransportFailed(transport=mai.uplink, reason="closed-by-peer"))
    clinic.wait(0.5)
    mai.says(leave=rtc.LeaveRequest())
    gone = lan.last("update").participants[0]
    assert gone.disconnect_reason == models.DisconnectReason.CLIENT_INITIATED

    nam = clinic.enters("nam")
    nam.settles()
    clinic.reports(TransportFailed(transport=nam.uplink, reason="closed-by-peer"))
    clinic.wait(3)
    assert nam.last("leave").action == rtc.LeaveRequest.Action.RECONNECT


def test_departures_missed_are_remembered_within_bounds() -> None:
    clinic = Clinic()
    mai = away(clinic)
    for number in range(300):
        clinic.enters(f"guest{number}").says(leave=rtc.LeaveRequest())
    mai.resume()
    assert len(mai.all("update")[0].participants) == 1 + 256


def test_who_left_and_came_back_meanwhile_is_here() -> None:
    """livekit-client goes by identity: a late "has left" would take away the person who is back."""
    clinic = Clinic()
    nam = clinic.enters("nam")
    mai = away(clinic)
    nam.says(leave=rtc.LeaveRequest())
    back = clinic.enters("nam")
    mai.resume()
    told = [(info.sid, info.state) for info in mai.all("update")[0].participants if info.identity == "nam"]
    assert told == [(back.sid, models.ParticipantInfo.State.JOINED)]


def test_a_departure_told_to_a_dead_connection_is_told_again() -> None:
    """The client's network died; we only learn of it when it comes back."""
    clinic = Clinic()
    nam, mai = clinic.enters("nam"), clinic.enters("mai")
    mai.settles()
    nam.says(leave=rtc.LeaveRequest())
    mai.resume()
    snapshot = {info.identity: info.state for info in mai.all("update")[0].participants}
    assert snapshot["nam"] == models.ParticipantInfo.State.DISCONNECTED


def test_a_microphone_muted_from_afar_meanwhile_stays_muted() -> None:
    """Without a word of it livekit-client takes the muted flag for a mistake, and unmutes."""
    clinic = Clinic()
    mai = clinic.enters("mai")
    microphone = TrackSid(mai.publishes("mic", "audio"))
    mai.settles()
    mai.loses_connection()
    mai.host.administer(MutePublishedTrack(Identity("mai"), microphone, muted=True))
    mai.resume()
    assert (mai.last("mute").sid, mai.last("mute").muted) == (microphone, True)
    assert mai.kinds.index("mute") > mai.kinds.index("update")


def test_who_fell_silent_meanwhile_is_not_shown_speaking_for_ever() -> None:
    clinic = Clinic()
    mai = clinic.enters("mai")
    mai.settles()
    mai.says(simulate=rtc.SimulateScenario(speaker_update=3))
    assert mai.last("speakers_changed").speakers[0].active
    mai.loses_connection()
    clinic.wait(5)
    mai.resume()
    assert [speaker.active for speaker in mai.last("speakers_changed").speakers] == [False]


@MODES
def test_a_seat_is_not_resumed_in_the_other_mode(mode: Mode) -> None:
    """What we would tell such a client it could not bear; nobody else is to notice."""
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.settles()
    mai = away(clinic, mode)
    mai.mode = "single" if mode == "dual" else "dual"
    assert mai.resume() is Refusal.UNKNOWN_PARTICIPANT
    assert lan.wire.hung_up == "no"
