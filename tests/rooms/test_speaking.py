from __future__ import annotations

from media.parameters import ProducerId
from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.ids import TrackSid
from tests.rooms.stage import MICROPHONE, Stage

WINDOW = 0.4


def hear(stage: Stage, **levels: tuple[TrackSid, float]) -> None:
    heard = tuple((stage.producers[track], level) for track, level in levels.values())
    stage.happens(ev.AudioLevels(levels=heard))
    stage.wait(WINDOW)


def test_who_speaks_is_shown_to_those_who_hear_it_and_to_the_speaker() -> None:
    stage = Stage()
    lan, mai, deaf = stage.enters("lan"), stage.enters("mai"), stage.enters("deaf", auto_subscribe=False)
    microphone = lan.publishes(MICROPHONE)
    hear(stage, lan=(microphone, 0.5))
    for person in (lan, mai):
        [speaker] = person.last(fx.SpeakersChanged).speakers
        assert (speaker.participant, speaker.active) == (lan.sid, True)
        assert 0 < speaker.level <= 1
    assert deaf.notices(fx.SpeakersChanged) == []


def test_a_steady_voice_is_news_once_or_twice() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    for _ in range(50):
        hear(stage, lan=(microphone, 0.4))
    assert len(mai.notices(fx.SpeakersChanged)) <= 3


def test_silence_ends_speaking_even_when_nothing_more_is_heard_at_all() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    hear(stage, lan=(lan.publishes(MICROPHONE), 0.5))
    stage.wait(3)
    [speaker] = mai.last(fx.SpeakersChanged).speakers
    assert (speaker.active, speaker.level) == (False, 0.0)


def test_whispers_below_the_threshold_are_nobodys_news() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    hear(stage, lan=(lan.publishes(MICROPHONE), 0.01))
    assert mai.notices(fx.SpeakersChanged) == []


def test_the_muted_do_not_speak() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    lan.does(ev.MuteTrack(participant=lan.sid, track=microphone, muted=True))
    hear(stage, lan=(microphone, 0.9))
    assert mai.notices(fx.SpeakersChanged) == []


def test_levels_of_producers_that_are_gone_are_ignored() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    assert stage.happens(ev.AudioLevels(levels=((ProducerId(99), 1.0),))) == []
    microphone = lan.publishes(MICROPHONE)
    hear(stage, lan=(microphone, 0.9))
    stage.leaves(lan)
    stage.wait(5)


def test_a_client_may_have_itself_shown_as_speaking() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    lan.does(ev.SimulateSpeakers(participant=lan.sid, seconds=3))
    stage.wait(2.5)
    assert lan.last(fx.SpeakersChanged).speakers[0].active
    stage.wait(3)
    assert not lan.last(fx.SpeakersChanged).speakers[0].active
