from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from signalling.client.sdp import parse
from tests.signalling.client.clinic import Client, Clinic


def msids(description: rtc.SessionDescription) -> dict[str, str]:
    """Track sid by mid, of the sections that send."""
    return {
        section.mid: section.msid.track_id
        for section in parse(description.sdp).sections
        if section.sends and section.msid is not None
    }


def test_a_track_comes_in_an_offer_after_its_participant_was_told_of() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.settles()
    mai.forget()
    sid = lan.publishes("cam", "video")
    assert mai.kinds == ["update", "offer"]
    offer = mai.last("offer")
    assert set(msids(offer).values()) == set(offer.mid_to_track_id.values()) == {sid}
    [section] = [section for section in parse(offer.sdp).sections if section.msid]
    assert section.msid is not None
    assert section.msid.stream_id == f"{lan.sid}|{sid}"
    assert section.ssrcs, "old Go clients know audio by declared SSRCs only"

    assert clinic.core.consumers == {}, "nothing is sent before the client has agreed"
    mai.answers()
    [added] = clinic.core.consumers.values()
    assert (added.transport, added.producer) == (mai.downlink, next(iter(clinic.core.producers)))
    assert not added.paused


def test_a_latecomer_gets_all_tracks_in_its_first_offer() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    sids = {lan.publishes(f"cam{number}", "video") for number in range(5)}
    mai = clinic.enters("mai")
    assert mai.kinds.count("offer") == 1
    assert set(msids(mai.last("offer")).values()) == sids


def test_one_offer_is_out_at_a_time_and_the_next_one_brings_the_rest() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.answers()
    mai.forget()
    sids = {lan.publishes(f"cam{number}", "video") for number in range(3)}
    assert mai.kinds.count("offer") == 1
    mai.answers()
    assert mai.kinds.count("offer") == 2
    mai.answers()
    assert mai.kinds.count("offer") == 2
    assert mai.sent.keys() == sids


def test_an_answer_to_an_offer_that_was_overtaken_is_ignored_and_0_means_the_latest() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    number = mai.last("offer").id
    mai.answers(number + 5)
    assert not any(command.transport == mai.downlink for command in clinic.core.all(cmd.ConnectTransport))
    mai.answers(0)
    assert any(command.transport == mai.downlink for command in clinic.core.all(cmd.ConnectTransport))


def test_an_unsubscribed_track_stops_at_once_and_its_section_rests_before_it_is_used_again() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    first, second = lan.publishes("cam1", "video"), lan.publishes("cam2", "video")
    mai.settles()
    while mai.kinds.count("offer") > mai._answered:
        mai.settles()
    assert mai.sent.keys() == {first, second}
    before = {sid: mid for mid, sid in msids(mai.last("offer")).items()}

    mai.says(subscription=rtc.UpdateSubscription(track_sids=[first], subscribe=False))
    assert isinstance(clinic.core.asked[-1], cmd.RemoveConsumer)
    third = lan.publishes("cam3", "video")
    offer = mai.last("offer")
    assert before[first] not in offer.mid_to_track_id, "inactive first, so that browsers see the next track as new"
    mai.settles()
    mai.settles()
    assert mai.sent.keys() == {second, third}
    assert len(parse(mai.last("offer").sdp).sections) == 4

    mai.says(subscription=rtc.UpdateSubscription(track_sids=[first], subscribe=True))
    mai.settles()
    assert msids(mai.last("offer"))[before[first]] == first, "the rested section is used again"
    assert mai.sent.keys() == {first, second, third}


def test_what_changes_while_an_offer_is_out_waits_for_the_next_answer() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.answers()
    first = lan.publishes("cam1", "video")  # Offered, and taken back before mai answers.
    mai.says(subscription=rtc.UpdateSubscription(track_sids=[first], subscribe=False))
    second = lan.publishes("cam2", "video")
    mid = next(iter(mai.last("offer").mid_to_track_id))
    mai.answers()
    assert clinic.core.consumers == {}, "neither was agreed on"
    assert mid not in mai.last("offer").mid_to_track_id, "mai has yet to hear that the first is gone"
    mai.answers()
    assert mai.sent.keys() == {second}

    microphone = lan.publishes("mic", "audio")  # Offered; meanwhile the rested section gets a track.
    third = lan.publishes("cam3", "video")
    mai.answers()
    assert mai.sent.keys() == {second, microphone}
    mai.answers()
    assert mai.sent.keys() == {second, microphone, third}
    assert msids(mai.last("offer"))[mid] == third
    assert "subscription_response" not in mai.kinds, "no answer was taken for another's"


def test_a_revoked_track_leaves_the_core_before_anything_is_said() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video")
    mai.settles()
    mai.forget()
    lan.says(subscription_permission=rtc.SubscriptionPermission(all_participants=False))
    assert clinic.core.consumers == {}
    update = mai.last("subscription_permission_update")
    assert (update.participant_sid, update.track_sid, update.allowed) == (lan.sid, sid, False)


def test_a_track_revoked_while_it_is_offered_is_never_sent() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    mai.settles()
    lan.publishes("cam", "video")
    lan.says(subscription_permission=rtc.SubscriptionPermission(all_participants=False))
    mai.answers()
    assert clinic.core.consumers == {}


def test_what_the_client_shows_decides_the_layer() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video")
    mai.settles()
    [consumer] = clinic.core.consumers
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], disabled=True))
    clinic.wait(1)
    assert clinic.core.asked[-1] == cmd.SetConsumer(consumer=consumer, paused=True, spatial_layer=0)
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], width=640, height=360))
    clinic.wait(1)
    assert clinic.core.asked[-1] == cmd.SetConsumer(consumer=consumer, paused=False, spatial_layer=0)


def test_settings_before_the_answer_decide_how_the_track_begins() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    sid = lan.publishes("cam", "video")
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[sid], disabled=True))
    clinic.wait(1)
    mai.settles()
    mai.settles()
    [added] = clinic.core.consumers.values()
    assert added.paused


def test_a_track_that_does_not_exist_is_said_not_to() -> None:
    mai = Clinic().enters("mai")
    mai.says(subscription=rtc.UpdateSubscription(track_sids=["TR_none"], subscribe=True))
    refused = mai.last("subscription_response")
    assert (refused.track_sid, refused.err) == ("TR_none", models.SubscriptionError.SE_TRACK_NOTFOUND)


def test_a_client_without_the_codec_is_told_so_and_the_rest_goes_on() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai", "single")
    camera, microphone = lan.publishes("cam", "video"), lan.publishes("mic", "audio")
    mai.receives_on_new_sections(1, 1)
    description = mai.describes().replace("VP8/90000", "FOO/90000")
    mai.says(offer=rtc.SessionDescription(type="offer", sdp=description, id=1))
    refused = mai.last("subscription_response")
    assert (refused.track_sid, refused.err) == (camera, models.SubscriptionError.SE_CODEC_UNSUPPORTED)
    assert mai.sent.keys() == {microphone}


# --- one peer connection --------------------------------------------------------------------------------


def offering(clinic: Clinic, audios: int = 3, videos: int = 3) -> Client:
    """A client with one connection that has offered as many sections to receive on as browsers do."""
    mai = clinic.enters("mai", "single")
    mai.receives_on_new_sections(audios, videos)
    mai.offers()
    mai.connects()
    return mai


def test_tracks_go_on_the_sections_that_the_client_offered() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    sids = {lan.publishes("cam", "video"), lan.publishes("mic", "audio")}
    mai = offering(clinic)
    answer = mai.last("answer")
    assert set(answer.mid_to_track_id.values()) == set(msids(answer).values()) == sids
    assert mai.sent.keys() == sids


def test_for_a_new_track_the_client_is_asked_to_offer_again() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), offering(clinic)
    mai.forget()
    sid = lan.publishes("cam", "video")
    assert mai.kinds == ["update", "media_sections_requirement"]
    required = mai.last("media_sections_requirement")
    assert (required.num_audios, required.num_videos) == (0, 0), "there are free sections"
    mai.offers()
    assert mai.sent.keys() == {sid}


def test_missing_sections_are_asked_for_once() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), offering(clinic, audios=0, videos=1)
    mai.forget()
    sids = {lan.publishes(f"cam{number}", "video") for number in range(3)}
    required = [(message.num_audios, message.num_videos) for message in mai.all("media_sections_requirement")]
    assert sum(videos for _, videos in required) == 2
    mai.offers()
    assert len(mai.sent) == 1
    mai.receives_on_new_sections(0, 2)
    mai.offers()
    assert mai.sent.keys() == sids
    asked = mai.kinds.count("media_sections_requirement")
    mai.offers()
    assert mai.kinds.count("media_sections_requirement") == asked, "nothing is missing any more"


def test_a_client_that_never_adds_sections_is_not_asked_for_ever() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), offering(clinic, audios=0, videos=0)
    lan.publishes("cam", "video")
    for _ in range(10):
        mai.offers()
    assert mai.kinds.count("media_sections_requirement") == 1


def test_an_emptied_section_rests_for_one_answer_with_one_connection_too() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), offering(clinic, audios=0, videos=1)
    first = lan.publishes("cam1", "video")
    mai.offers()
    assert mai.sent.keys() == {first}
    mai.says(subscription=rtc.UpdateSubscription(track_sids=[first], subscribe=False))
    assert clinic.core.consumers == {}
    second = lan.publishes("cam2", "video")
    mai.offers()
    assert msids(mai.last("answer")) == {}
    assert mai.kinds[-1] == "media_sections_requirement"
    mai.offers()
    assert set(msids(mai.last("answer")).values()) == set(mai.sent) == {second}


def test_publishing_and_receiving_share_the_connection() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", "single"), offering(clinic)
    lan.receives_on_new_sections(1, 1)
    lan.offers()
    theirs, ours = lan.publishes("cam", "video"), mai.publishes("cam", "video")
    lan.offers()
    mai.offers()
    assert lan.sent.keys() == {ours}
    assert mai.sent.keys() == {theirs}
    assert {added.transport for added in clinic.core.producers.values()} == {lan.downlink, mai.downlink}


@pytest.mark.parametrize("mode", ["dual", "single"])
def test_a_leaving_publisher_takes_its_tracks_from_everybody(mode: str) -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.publishes("cam", "video")
    mai = offering(clinic) if mode == "single" else clinic.enters("mai")
    mai.settles()
    assert mai.sent
    lan.says(leave=rtc.LeaveRequest())
    assert clinic.core.consumers == {}
    assert clinic.core.producers == {}
