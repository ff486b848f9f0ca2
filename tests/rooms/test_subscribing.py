from __future__ import annotations

from dataclasses import replace

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import UpdateParticipant, UpdateSubscriptions
from rooms.live.ids import TrackSid
from rooms.live.info import TrackRequest, VideoQuality
from rooms.live.permission import Permission
from tests.rooms.stage import CAMERA, MICROPHONE, SCREEN, Person, Stage


def wants(person: Person, *tracks: TrackSid, wanted: bool = True) -> None:
    person.does(ev.Subscribe(participant=person.sid, tracks=tracks, wanted=wanted))


def shows(person: Person, track: TrackSid, settings: ev.TrackSettings) -> None:
    person.does(ev.ChangeTrackSettings(participant=person.sid, tracks=(track,), settings=settings))


def size(width: int, height: int) -> ev.TrackSettings:
    return ev.TrackSettings(width=width, height=height)


def quality(wanted: VideoQuality) -> ev.TrackSettings:
    return ev.TrackSettings(quality=wanted)


DISABLED = ev.TrackSettings(disabled=True)


def admits(person: Person, *lines: ev.TrackPermission, everybody: bool = False) -> None:
    person.does(ev.SetSubscriptionPermission(participant=person.sid, all_participants=everybody, allowed=lines))


def test_a_latecomer_is_sent_what_is_there() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    tracks = {lan.publishes(CAMERA), lan.publishes(MICROPHONE)}
    assert stage.enters("mai").receives == tracks


def test_nobody_is_sent_their_own_tracks() -> None:
    lan = Stage().enters("lan")
    camera = lan.publishes(CAMERA)
    wants(lan, camera)
    assert lan.receives == set()


def test_who_subscribes_by_hand_gets_what_they_name() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", auto_subscribe=False)
    camera, microphone = lan.publishes(CAMERA), lan.publishes(MICROPHONE)
    assert mai.receives == set()
    wants(mai, microphone)
    assert mai.receives == {microphone}
    wants(mai, camera)
    wants(mai, microphone, wanted=False)
    assert mai.receives == {camera}


def test_an_unwanted_track_stays_away_until_wanted_again() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    wants(mai, camera, wanted=False)
    lan.does(ev.MuteTrack(participant=lan.sid, track=camera, muted=True))
    assert mai.receives == set()
    wants(mai, camera)
    assert mai.receives == {camera}


def test_a_track_that_does_not_exist_is_said_not_to() -> None:
    stage = Stage()
    stage.enters("ghost", permission=Permission(hidden=True)).publishes(CAMERA)
    mai = stage.enters("mai")
    invisible = next(iter(stage.producers))
    for sid in (TrackSid("TR_none"), invisible):
        wants(mai, sid)
        assert mai.last(fx.SubscriptionRefused) == fx.SubscriptionRefused(sid, codec_unsupported=False)
    assert mai.receives == set()


def test_without_the_grant_nothing_is_sent_whatever_is_asked() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", permission=Permission(can_subscribe=False))
    camera = lan.publishes(CAMERA)
    wants(mai, camera)
    assert mai.receives == set()
    stage.administers(UpdateParticipant(identity=mai.identity, permission=Permission()))
    assert mai.receives == {camera}
    stage.administers(UpdateParticipant(identity=mai.identity, permission=Permission(can_subscribe=False)))
    assert mai.receives == set()


def test_a_publisher_admits_whom_it_will() -> None:
    stage = Stage()
    lan, mai, nam = (stage.enters(name) for name in ("lan", "mai", "nam"))
    camera, microphone = lan.publishes(CAMERA), lan.publishes(MICROPHONE)
    admits(
        lan,
        ev.TrackPermission(identity=mai.identity, all_tracks=True),
        ev.TrackPermission(participant=nam.sid, tracks=frozenset({microphone})),
    )
    assert mai.receives == {camera, microphone}
    assert nam.receives == {microphone}
    refused = nam.last(fx.SubscriptionPermissionChanged)
    assert (refused.track, refused.allowed, refused.publisher) == (camera, False, lan.sid)

    late = stage.enters("late")
    assert late.receives == set()
    screen = lan.publishes(SCREEN)
    assert screen in mai.receives
    assert screen not in nam.receives

    admits(lan, everybody=True)
    assert nam.receives == late.receives == {camera, microphone, screen}
    assert nam.last(fx.SubscriptionPermissionChanged).allowed


def test_a_rule_is_not_told_to_those_who_do_not_want_the_track() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", auto_subscribe=False)
    lan.publishes(CAMERA)
    admits(lan)
    assert mai.notices(fx.SubscriptionPermissionChanged) == []


def test_the_publisher_hears_of_its_first_subscriber_once() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    camera = lan.publishes(CAMERA)
    assert lan.notices(fx.FirstSubscriber) == []
    stage.enters("mai")
    stage.enters("nam")
    assert lan.notices(fx.FirstSubscriber) == [fx.FirstSubscriber(camera)]


def test_a_client_that_cannot_take_a_track_is_told_and_left_alone_until_it_asks_again() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    mai.does(ev.SubscriptionImpossible(participant=mai.sid, track=camera))
    assert mai.receives == set()
    assert mai.last(fx.SubscriptionRefused) == fx.SubscriptionRefused(camera, codec_unsupported=True)
    lan.does(ev.MuteTrack(participant=lan.sid, track=camera, muted=True))
    assert mai.receives == set()
    wants(mai, camera)
    assert mai.receives == {camera}


def test_an_administrator_subscribes_for_somebody_within_the_publishers_rule() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", auto_subscribe=False)
    camera = lan.publishes(CAMERA)
    stage.administers(UpdateSubscriptions(identity=mai.identity, tracks=(camera,), wanted=True))
    assert mai.receives == {camera}
    admits(lan)
    assert mai.receives == set()


@pytest.mark.parametrize(
    ("settings", "layer"),
    [
        (size(320, 180), 0),
        (size(350, 200), 0),
        (size(356, 201), 1),
        (size(640, 360), 1),
        (size(1280, 720), 2),
        (size(4000, 3000), 2),
        (quality(VideoQuality.LOW), 0),
        (quality(VideoQuality.MEDIUM), 1),
        (quality(VideoQuality.HIGH), 2),
        (ev.TrackSettings(quality=VideoQuality.HIGH, width=320, height=180), 0),
    ],
)
def test_the_smallest_layer_that_is_near_enough_is_sent(settings: ev.TrackSettings, layer: int) -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    # From a layer that is none of the expected, so that something has to change.
    shows(mai, camera, quality(VideoQuality.LOW if layer else VideoQuality.HIGH))
    stage.wait(1)
    shows(mai, camera, settings)
    stage.wait(1)
    sent = [notice.spatial_layer for notice in mai.notices(fx.ForwardingChanged)]
    sent.insert(0, mai.last(fx.Subscribed).spatial_layer)
    assert sent[-1] == layer


def test_for_portrait_video_the_width_decides() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", adaptive=True)
    upright = tuple(replace(layer, width=layer.height, height=layer.width) for layer in CAMERA.layers)
    camera = lan.publishes(TrackRequest(cid="cam", kind="video", layers=upright))
    shows(mai, camera, size(360, 200))
    stage.wait(1)
    assert mai.last(fx.ForwardingChanged).spatial_layer == 1


def test_the_first_guess_is_little_for_those_who_will_say_more() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.publishes(CAMERA)
    eager, plain = stage.enters("eager", adaptive=True), stage.enters("plain")
    assert (eager.last(fx.Subscribed).spatial_layer, plain.last(fx.Subscribed).spatial_layer) == (0, 2)
    assert not eager.last(fx.Subscribed).paused


def test_the_flurry_of_adaptive_stream_is_one_change() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", adaptive=True)
    camera = lan.publishes(CAMERA)
    shows(mai, camera, DISABLED)
    stage.wait(0.05)
    shows(mai, camera, quality(VideoQuality.HIGH))
    stage.wait(0.1)
    shows(mai, camera, size(640, 360))
    stage.wait(1)
    assert mai.notices(fx.ForwardingChanged) == [fx.ForwardingChanged(track=camera, paused=False, spatial_layer=1)]


def test_a_track_nobody_looks_at_is_paused_and_keeps_its_place() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    shows(mai, camera, DISABLED)
    stage.wait(1)
    assert mai.last(fx.ForwardingChanged).paused
    assert mai.receives == {camera}


def test_settings_that_never_rest_still_take_effect() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    for _ in range(10):
        shows(mai, camera, quality(VideoQuality.LOW))
        stage.wait(0.1)
    assert mai.last(fx.ForwardingChanged).spatial_layer == 0
