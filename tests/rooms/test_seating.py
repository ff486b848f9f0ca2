from __future__ import annotations

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.ids import Identity, RequestId
from rooms.live.info import DisconnectReason, ParticipantState
from rooms.live.limits import Limits
from rooms.live.permission import Permission
from rooms.live.state import Timeouts
from tests.rooms.stage import CAMERA, MICROPHONE, UNIX_START, Person, Stage


def test_who_enters_learns_of_those_inside_and_they_of_them() -> None:
    stage = Stage()
    lan = stage.enters("lan", metadata='{"khoa": "Nội"}')
    lan.publishes(CAMERA)
    mai = stage.enters("mai")

    welcome = mai.last(fx.Welcome)
    assert [(other.identity, len(other.tracks)) for other in welcome.others] == [("lan", 1)]
    assert welcome.others[0].metadata == '{"khoa": "Nội"}'
    assert welcome.participant.joined_at == UNIX_START
    assert [info.identity for info in lan.knows.values()] == ["mai"]


def test_a_participant_is_active_once_media_connects_and_stays_so_through_an_interruption() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    assert mai.knows[lan.sid].state is ParticipantState.JOINED
    lan.connects()
    stage.wait(GATHERING_SECONDS)
    assert mai.knows[lan.sid].state is ParticipantState.ACTIVE
    lan.does(ev.MediaInterrupted(participant=lan.sid))
    assert stage.room.participants()[0].state is ParticipantState.ACTIVE


def test_the_record_says_how_long_joining_took() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    stage.wait(0.75)
    effects = lan.does(ev.MediaConnected(participant=lan.sid))
    [joined] = [effect for effect in effects if isinstance(effect, fx.Fact)]
    assert joined.kind is fx.FactKind.PARTICIPANT_JOINED
    assert joined.join_seconds == pytest.approx(0.75)


def test_the_record_names_who_joined_before_what_they_published() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.publishes(CAMERA)
    lan.does(ev.MediaConnected(participant=lan.sid))
    stage.leaves(lan)
    tracks = ["track_published", "track_unpublished"]
    assert stage.facts == ["room_started", "participant_joined", *tracks, "participant_left"]


def test_the_record_is_silent_about_tracks_of_who_never_arrived() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.publishes(CAMERA)
    stage.leaves(lan)
    assert stage.facts == ["room_started", "participant_connection_aborted"]


def test_what_is_told_of_a_participant_has_a_growing_version() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan", permission=Permission(can_update_own_metadata=True)), stage.enters("mai")
    lan.connects()
    lan.publishes(CAMERA)
    for value in ("1", "2", "3"):
        lan.does(
            ev.UpdateOwnMetadata(participant=lan.sid, request=RequestId(1), name=None, metadata=value, attributes={})
        )
    stage.leaves(lan)
    versions = [
        info.version
        for notice in mai.notices(fx.ParticipantsChanged)
        for info in notice.participants
        if info.sid == lan.sid
    ]
    assert versions == sorted(set(versions))


def test_the_call_goes_on_without_the_signal_as_long_as_media_flows() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    camera = lan.publishes(CAMERA)
    lan.does(ev.SignalLost(participant=lan.sid))
    stage.wait(3600)
    assert stage.present == {"lan", "mai"}
    assert mai.receives == {camera}


def test_a_seat_outlasts_ten_seconds_without_any_sign_and_is_taken_again() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    lan.does(ev.SignalLost(participant=lan.sid))
    lan.does(ev.MediaInterrupted(participant=lan.sid))
    stage.wait(12)
    mai.forget()
    resumed = lan.does(ev.Resume(connection=stage.connection(), participant=lan.sid, identity=lan.identity))
    assert any(isinstance(effect, fx.Resumed) for effect in resumed)
    lan.connects()
    stage.wait(600)
    assert stage.present == {"lan", "mai"}
    assert not [info for notice in mai.notices(fx.ParticipantsChanged) for info in notice.participants]


def test_a_seat_without_any_sign_is_given_up_after_the_resume_window() -> None:
    stage = Stage(timeouts=Timeouts(resume=30))
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    lan.does(ev.SignalLost(participant=lan.sid))
    lan.does(ev.MediaInterrupted(participant=lan.sid))
    stage.wait(29)
    assert stage.present == {"lan", "mai"}
    stage.wait(2)
    assert stage.present == {"mai"}
    assert mai.last(fx.ParticipantsChanged).participants[0].disconnect_reason is DisconnectReason.CONNECTION_TIMEOUT


def test_who_never_had_media_leaves_with_its_connection() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.does(ev.SignalLost(participant=lan.sid))
    assert stage.present == {"mai"}
    assert "participant_connection_aborted" in stage.facts
    stage.wait(GATHERING_SECONDS)
    assert lan.sid not in mai.knows


def test_failed_media_sends_a_client_that_listens_back_to_join_anew() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.connects()
    lan.does(ev.MediaFailed(participant=lan.sid))
    assert lan.last(fx.Dismissed).reason is DisconnectReason.MEDIA_FAILURE
    assert stage.present == set()


def test_nobody_resumes_a_seat_that_is_gone_or_anothers() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    stolen = stage.happens(ev.Resume(connection=stage.connection(), participant=lan.sid, identity=mai.identity))
    assert [effect.refusal for effect in stolen if isinstance(effect, fx.Refused)] == [fx.Refusal.UNKNOWN_PARTICIPANT]
    stage.leaves(lan)
    late = stage.happens(ev.Resume(connection=stage.connection(), participant=lan.sid, identity=lan.identity))
    assert [effect.refusal for effect in late if isinstance(effect, fx.Refused)] == [fx.Refusal.UNKNOWN_PARTICIPANT]


def test_coming_back_shows_everybody_present_oneself_included() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    lan.opens_channels()
    mai.publishes(CAMERA)
    waiting = lan.declares(MICROPHONE)
    lan.says(b"x", sequence=7)
    lan.does(ev.SignalLost(participant=lan.sid))
    lan.does(ev.Resume(connection=stage.connection(), participant=lan.sid, identity=lan.identity))
    back = lan.last(fx.WelcomeBack)
    assert {info.identity for info in back.participants} == {"lan", "mai"}
    assert back.last_sequence == 7
    assert [(cid, track.sid) for cid, track in back.declared] == [("mic", waiting)]


def test_a_second_device_takes_the_seat_under_a_new_sid() -> None:
    stage = Stage()
    old_witness = stage.enters("old", protocol=9)
    witness = stage.enters("new")
    first = stage.enters("doctor")
    first.connects()
    camera = first.publishes(CAMERA)
    assert witness.receives == {camera}
    second = stage.enters("doctor")

    assert first.last(fx.Dismissed).reason is DisconnectReason.DUPLICATE_IDENTITY
    assert second.sid != first.sid
    assert witness.receives == set()
    told_gone = [
        [info.sid for n in person.notices(fx.ParticipantsChanged) for info in n.participants if info.disconnect_reason]
        for person in (old_witness, witness)
    ]
    assert told_gone == [[first.sid], []], "newer clients take the new sid for a replacement"


def test_a_full_room_takes_nobody_but_those_who_come_back_or_stay_unseen() -> None:
    stage = Stage(limits=Limits(max_participants=2))
    stage.enters("lan")
    stage.enters("mai")
    refused = stage.tries_to_enter(_join(stage, "nam"))
    assert refused is fx.Refusal.ROOM_FULL
    assert isinstance(stage.tries_to_enter(_join(stage, "mai")), Person)
    stage.enters("recorder", permission=Permission(hidden=True, recorder=True))
    assert stage.room.info().num_participants == 2
    assert stage.room.info().active_recording


def test_names_and_metadata_over_the_limit_get_no_seat() -> None:
    stage = Stage(limits=Limits(metadata_bytes=10, attributes_bytes=10))
    for join in (
        _join(stage, "x" * 257),
        _join(stage, ""),
        ev.Join(
            connection=stage.connection(),
            identity=Identity("a"),
            metadata="ế" * 4,
            client=ev.ClientTraits(protocol=17),
        ),
        ev.Join(
            connection=stage.connection(),
            identity=Identity("a"),
            attributes={"key": "12345678"},
            client=ev.ClientTraits(protocol=17),
        ),
    ):
        assert stage.tries_to_enter(join) is fx.Refusal.TOO_LARGE


def test_a_room_that_nobody_enters_closes() -> None:
    stage = Stage(timeouts=Timeouts(empty=300, departure=20))
    stage.wait(299)
    assert not stage.all(fx.Closed)
    stage.wait(2)
    assert stage.facts == ["room_started", "room_finished"]
    assert stage.all(fx.Closed)
    assert stage.tries_to_enter(_join(stage, "late")) is fx.Refusal.ROOM_CLOSED


def test_a_room_that_the_last_one_left_waits_a_little() -> None:
    stage = Stage(timeouts=Timeouts(empty=300, departure=20))
    stage.leaves(stage.enters("lan"))
    stage.wait(19)
    mai = stage.enters("mai")
    stage.wait(500)
    assert stage.present == {"mai"}
    stage.leaves(mai)
    stage.wait(21)
    assert stage.all(fx.Closed)


def test_everybody_is_told_when_the_server_stops() -> None:
    stage = Stage()
    people = [stage.enters(name) for name in ("lan", "mai")]
    stage.happens(ev.ShutDown())
    assert {person.last(fx.Dismissed).reason for person in people} == {DisconnectReason.SERVER_SHUTDOWN}
    assert stage.all(fx.Closed)


def test_head_counts_are_told_seldom_and_right() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    for name in ("an", "binh", "chi"):
        stage.enters(name).publishes(CAMERA)
    stage.wait(10)
    told = lan.notices(fx.RoomChanged)
    assert len(told) == 1
    assert (told[0].room.num_participants, told[0].room.num_publishers) == (4, 3)


def _join(stage: Stage, name: str) -> ev.Join:
    return ev.Join(connection=stage.connection(), identity=Identity(name), client=ev.ClientTraits(protocol=17))
