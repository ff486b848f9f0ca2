from __future__ import annotations

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.info import ConnectionQuality
from rooms.live.quality import mean_opinion_score, quality_of
from tests.rooms.stage import Person, Stage


def measured(person: Person, *, loss: float = 0.0, rtt: float | None = 30.0, up: bool = True) -> None:
    person.does(
        ev.LinkMeasured(
            participant=person.sid,
            direction="up" if up else "down",
            loss=loss,
            round_trip_time_ms=rtt,
            jitter_ms=5.0,
        )
    )


@pytest.mark.parametrize(
    ("loss", "rtt", "quality"),
    [
        (0.0, 30, ConnectionQuality.EXCELLENT),
        (0.005, 100, ConnectionQuality.EXCELLENT),
        (0.0, 600, ConnectionQuality.GOOD),
        (0.05, 100, ConnectionQuality.GOOD),
        (0.2, 100, ConnectionQuality.POOR),
        (0.0, 1500, ConnectionQuality.POOR),
        (1.0, 5000, ConnectionQuality.POOR),
    ],
)
def test_a_satellite_is_good_and_heavy_loss_is_poor(loss: float, rtt: float, quality: ConnectionQuality) -> None:
    assert quality_of(mean_opinion_score(loss, rtt, 5.0)) is quality


def test_quality_is_told_when_it_changes_and_not_more_than_every_five_seconds() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    for step in range(20):
        measured(lan, loss=0.0 if step % 2 else 0.3)
        stage.wait(1)
    assert 2 <= len(mai.notices(fx.QualityChanged)) <= 5


def test_the_worse_direction_decides_and_everybody_hears_of_it() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    measured(lan, loss=0.0)
    stage.wait(6)
    measured(lan, loss=0.3, up=False)
    stage.wait(6)
    for person in (lan, mai):
        [report] = person.last(fx.QualityChanged).reports
        assert (report.participant, report.quality) == (lan.sid, ConnectionQuality.POOR)


def test_a_lost_link_is_shown_to_the_others_and_never_to_oneself() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    measured(lan)
    stage.wait(6)
    lan.does(ev.MediaInterrupted(participant=lan.sid))
    stage.wait(6)
    assert mai.last(fx.QualityChanged).reports[0].quality is ConnectionQuality.LOST
    told = [report.quality for notice in lan.notices(fx.QualityChanged) for report in notice.reports]
    assert ConnectionQuality.LOST not in told
    lan.connects()
    stage.wait(6)
    assert mai.last(fx.QualityChanged).reports[0].quality is ConnectionQuality.EXCELLENT


def test_a_latecomer_learns_what_the_others_know() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    measured(lan, loss=0.3)
    stage.wait(6)
    mai = stage.enters("mai")
    mai.connects()
    assert mai.last(fx.QualityChanged).reports[0].participant == lan.sid
