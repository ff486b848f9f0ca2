from __future__ import annotations

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.dynacast import LOWERING_SECONDS
from rooms.live.ids import TrackSid
from rooms.live.info import VideoQuality
from tests.rooms.stage import CAMERA, MICROPHONE, Person, Stage


def shows(person: Person, track: TrackSid, settings: ev.TrackSettings) -> None:
    person.does(ev.ChangeTrackSettings(participant=person.sid, tracks=(track,), settings=settings))
    person.stage.wait(0.5)


def size(height: int) -> ev.TrackSettings:
    return ev.TrackSettings(width=height * 16 // 9, height=height)


HIDDEN = ev.TrackSettings(disabled=True)


def wanted(publisher: Person) -> list[int]:
    """How many layers the publisher was asked for, in order."""
    return [notice.wanted for notice in publisher.notices(fx.LayersWanted)]


def test_what_nobody_looks_at_is_left_off_after_a_while() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    shows(mai, camera, size(180))
    assert wanted(lan) == []
    stage.wait(LOWERING_SECONDS)
    assert lan.notices(fx.LayersWanted) == [fx.LayersWanted(camera, "video/VP8", wanted=1, sent=3)]


def test_what_is_wanted_again_is_asked_for_at_once() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    shows(mai, camera, size(180))
    stage.wait(60)
    shows(mai, camera, size(720))
    assert wanted(lan) == [1, 3]


def test_the_largest_of_all_wishes_counts() -> None:
    stage = Stage()
    lan, mai, nam = stage.enters("lan"), stage.enters("mai"), stage.enters("nam")
    camera = lan.publishes(CAMERA)
    shows(mai, camera, size(180))
    shows(nam, camera, size(360))
    stage.wait(60)
    assert wanted(lan) == [2]
    stage.leaves(nam)
    stage.wait(60)
    assert wanted(lan) == [2, 1]


def test_who_turns_a_page_back_and_forth_costs_the_publisher_nothing() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    for _ in range(10):
        shows(mai, camera, HIDDEN)
        stage.wait(LOWERING_SECONDS / 2)
        shows(mai, camera, size(720))
        stage.wait(LOWERING_SECONDS / 2)
    assert wanted(lan) == []


def test_a_camera_nobody_shows_sends_nothing_until_somebody_does() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    camera = lan.publishes(CAMERA)
    stage.wait(60)
    assert wanted(lan) == [0]
    mai = stage.enters("mai")
    assert wanted(lan) == [0, 3]
    shows(mai, camera, HIDDEN)
    stage.wait(60)
    assert wanted(lan) == [0, 3, 0]


def test_a_muted_camera_is_left_alone_and_asked_when_it_is_back() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    lan.does(ev.MuteTrack(participant=lan.sid, track=camera, muted=True))
    shows(mai, camera, ev.TrackSettings(quality=VideoQuality.LOW))
    stage.wait(60)
    assert wanted(lan) == []
    lan.does(ev.MuteTrack(participant=lan.sid, track=camera, muted=False))
    stage.wait(60)
    assert wanted(lan) == [1]


def test_a_microphone_is_never_asked() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.publishes(MICROPHONE)
    stage.wait(60)
    assert wanted(lan) == []


def test_a_track_that_is_over_is_not_asked_for_any_more() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    shows(mai, camera, HIDDEN)
    lan.does(ev.UnpublishTrack(participant=lan.sid, track=camera))
    stage.wait(60)
    assert wanted(lan) == []


def test_a_house_that_does_not_want_it_asks_nobody() -> None:
    stage = Stage(dynacast=False)
    lan = stage.enters("lan")
    lan.publishes(CAMERA)
    stage.wait(60)
    assert wanted(lan) == []
