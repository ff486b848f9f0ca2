"""Which microphones compete for being forwarded, and who is heard in any case."""

from __future__ import annotations

from dataclasses import replace

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.ids import TrackSid
from rooms.live.limits import Limits
from rooms.live.permission import TrackSource
from tests.rooms.stage import CAMERA, MICROPHONE, SCREEN, Stage

SCREEN_SOUND = replace(MICROPHONE, cid="sound", source=TrackSource.SCREEN_SHARE_AUDIO)


def rankings(stage: Stage, track: TrackSid) -> list[int | None]:
    """What the core was told of a track: among how many loudest it must be, None for none."""
    told = stage.all(fx.RankMicrophone)
    return [ranking.loudest for ranking in told if ranking.producer == stage.producers[track]]


def test_microphones_compete_and_nothing_else_does() -> None:
    stage = Stage(limits=Limits(loudest_microphones=4))
    lan = stage.enters("lan")
    microphone, camera, sound = lan.publishes(MICROPHONE), lan.publishes(CAMERA), lan.publishes(SCREEN_SOUND)
    assert rankings(stage, microphone) == [4]
    assert rankings(stage, camera) == rankings(stage, sound) == []


def test_whoever_shows_a_screen_is_heard_for_as_long() -> None:
    stage = Stage(limits=Limits(loudest_microphones=4))
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone, other = lan.publishes(MICROPHONE), mai.publishes(MICROPHONE)
    screen = lan.publishes(SCREEN)
    assert rankings(stage, microphone) == [4, None]
    lan.does(ev.UnpublishTrack(participant=lan.sid, track=screen))
    assert rankings(stage, microphone) == [4, None, 4]
    assert rankings(stage, other) == [4]


def test_a_microphone_that_opens_while_its_owner_shows_a_screen_does_not_compete() -> None:
    stage = Stage(limits=Limits(loudest_microphones=4))
    lan = stage.enters("lan")
    lan.publishes(SCREEN)
    assert rankings(stage, lan.publishes(MICROPHONE)) == []


def test_without_a_limit_nobody_competes() -> None:
    stage = Stage(limits=Limits(loudest_microphones=0))
    lan = stage.enters("lan")
    microphone = lan.publishes(MICROPHONE)
    lan.publishes(SCREEN)
    assert rankings(stage, microphone) == []


def test_muting_is_no_reason_to_compete_anew() -> None:
    stage = Stage(limits=Limits(loudest_microphones=4))
    lan = stage.enters("lan")
    microphone = lan.publishes(MICROPHONE)
    for muted in (True, False, True):
        lan.does(ev.MuteTrack(participant=lan.sid, track=microphone, muted=muted))
    assert rankings(stage, microphone) == [4]
