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


def test_a_quiet_voice_just_above_the_threshold_is_shown() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    for _ in range(3):
        hear(stage, lan=(microphone, 10 ** (-33 / 20)))
    assert mai.last(fx.SpeakersChanged).speakers[0].active


def test_voices_that_are_heard_on_different_workers_speak_at_the_same_time() -> None:
    """A report tells of one worker's voices; who is missing from it may be heard on another."""
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphones = [lan.publishes(MICROPHONE), mai.publishes(MICROPHONE)]
    for _ in range(20):
        for microphone, wait in zip(microphones, (0.05, WINDOW - 0.05), strict=True):
            stage.happens(ev.AudioLevels(levels=((stage.producers[microphone], 10 ** (-28 / 20)),)))
            stage.wait(wait)
    for listener in (lan, mai):
        told = [speaker for notice in listener.notices(fx.SpeakersChanged) for speaker in notice.speakers]
        assert {speaker.participant for speaker in told} == {lan.sid, mai.sid}
        assert all(speaker.active for speaker in told)


def test_who_falls_silent_is_shown_so_while_another_goes_on() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    hers, his = lan.publishes(MICROPHONE), mai.publishes(MICROPHONE)
    for _ in range(2):
        hear(stage, lan=(hers, 0.5), mai=(his, 0.5))
    for _ in range(3):
        hear(stage, mai=(his, 0.5))
    told = [speaker for notice in lan.notices(fx.SpeakersChanged) for speaker in notice.speakers]
    assert [speaker.active for speaker in told if speaker.participant == lan.sid][-1] is False
    assert all(speaker.active for speaker in told if speaker.participant == mai.sid)


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
