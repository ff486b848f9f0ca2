from __future__ import annotations

from dataclasses import replace

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live import priorities
from rooms.live.ids import TrackSid
from rooms.live.info import ConnectionQuality
from tests.rooms.stage import CAMERA, MICROPHONE, SCREEN, Person, Stage


def speaks(stage: Stage, *microphones: TrackSid) -> None:
    heard = tuple((stage.producers[microphone], 0.5) for microphone in microphones)
    stage.happens(ev.AudioLevels(levels=heard))
    stage.wait(0.4)


def priority(person: Person, track: TrackSid) -> int:
    """What the core was told last of how soon `track` is to be served."""
    told = 0
    for notice in person.heard:
        match notice:
            case fx.Subscribed() if notice.track.sid == track:
                told = notice.priority
            case fx.ForwardingChanged() if notice.track == track:
                told = notice.priority
            case _:
                pass
    return told


def pins(person: Person, track: TrackSid, number: int) -> None:
    settings = ev.TrackSettings(priority=number)
    person.does(ev.ChangeTrackSettings(participant=person.sid, tracks=(track,), settings=settings))
    person.stage.wait(1)


def test_content_comes_before_the_speaker_before_who_is_pinned_before_the_rest() -> None:
    stage = Stage()
    lan, mai, nam, oanh = (stage.enters(name) for name in ("lan", "mai", "nam", "oanh"))
    screen, speaker, pinned, rest = (
        lan.publishes(SCREEN),
        mai.publishes(CAMERA),
        nam.publishes(CAMERA),
        lan.publishes(replace(CAMERA, cid="other")),
    )
    microphone = mai.publishes(MICROPHONE)
    speaks(stage, microphone)
    pins(oanh, pinned, 1)
    told = [priority(oanh, track) for track in (screen, speaker, pinned, rest, microphone)]
    assert told == [priorities.CONTENT, priorities.SPEAKER, priorities.PINNED, priorities.REST, priorities.REST]


def test_whoever_is_pinned_first_comes_first_and_all_come_before_who_is_not() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    told = []
    for number in (1, 2, 40, 41, 1_000_000, 0):
        pins(mai, camera, number)
        told.append(priority(mai, camera))
    assert told == [140, 139, 101, 101, 101, 0]


def test_the_floor_passes_to_who_speaks_into_silence_and_not_to_who_interrupts() -> None:
    stage = Stage()
    lan, mai, nam = stage.enters("lan"), stage.enters("mai"), stage.enters("nam")
    cameras = [person.publishes(CAMERA) for person in (lan, mai)]
    voices = [person.publishes(MICROPHONE) for person in (lan, mai)]
    speaks(stage, voices[0])
    speaks(stage, *voices)
    assert [priority(nam, camera) for camera in cameras] == [priorities.SPEAKER, priorities.REST]
    stage.wait(10)
    assert priority(nam, cameras[0]) == priorities.SPEAKER, "nobody else has spoken since"
    speaks(stage, voices[1])
    assert [priority(nam, camera) for camera in cameras] == [priorities.REST, priorities.SPEAKER]
    stage.leaves(mai)
    speaks(stage, voices[0])
    assert priority(nam, cameras[0]) == priorities.SPEAKER


@pytest.mark.parametrize(("fps", "temporal_layer"), [(0, None), (30, None), (15, 1), (8, 0), (1, 0)])
def test_who_asks_for_few_frames_is_spared_the_others(fps: int, temporal_layer: int | None) -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    settings = ev.TrackSettings(width=320, height=180, fps=fps)
    mai.does(ev.ChangeTrackSettings(participant=mai.sid, tracks=(camera,), settings=settings))
    stage.wait(1)
    assert mai.last(fx.ForwardingChanged).temporal_layer == temporal_layer


def starves(person: Person, track: TrackSid, *, starved: bool = True) -> None:
    person.does(ev.StreamStarved(participant=person.sid, track=track, starved=starved))


def test_who_cannot_be_sent_a_video_is_told_so_and_the_others_see_why() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    mai.does(measured(mai, available_bps=5_000_000))
    stage.wait(6)
    starves(mai, camera)
    assert mai.last(fx.StreamStateChanged) == fx.StreamStateChanged(publisher=lan.sid, track=camera, paused=True)
    assert lan.notices(fx.StreamStateChanged) == []
    stage.wait(6)
    assert lan.last(fx.QualityChanged).reports[0].quality is ConnectionQuality.POOR
    starves(mai, camera, starved=False)
    assert not mai.last(fx.StreamStateChanged).paused
    stage.wait(6)
    assert lan.last(fx.QualityChanged).reports[0].quality is ConnectionQuality.EXCELLENT


def test_a_video_that_is_over_starves_nobody() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    mai.does(measured(mai, available_bps=5_000_000))
    starves(mai, camera)
    lan.does(ev.UnpublishTrack(participant=lan.sid, track=camera))
    stage.wait(6)
    assert lan.last(fx.QualityChanged).reports[0].quality is ConnectionQuality.EXCELLENT
    starves(mai, camera)
    assert len(mai.notices(fx.StreamStateChanged)) == 1, "what the core said late is not passed on"


@pytest.mark.parametrize(
    ("available_bps", "quality"),
    [
        (None, ConnectionQuality.EXCELLENT),
        (2_000_000, ConnectionQuality.EXCELLENT),
        (300_000, ConnectionQuality.GOOD),
        (64_000, ConnectionQuality.POOR),
    ],
)
def test_a_thin_link_is_not_excellent_however_little_is_lost(
    available_bps: int | None, quality: ConnectionQuality
) -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.does(measured(lan, available_bps=available_bps))
    stage.wait(6)
    assert mai.last(fx.QualityChanged).reports[0].quality is quality


def measured(person: Person, *, available_bps: int | None) -> ev.LinkMeasured:
    return ev.LinkMeasured(
        participant=person.sid,
        direction="down",
        loss=0.0,
        round_trip_time_ms=30.0,
        jitter_ms=5.0,
        available_bps=available_bps,
    )
