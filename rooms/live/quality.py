"""How good each participant's link is, as one number that people understand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rooms.live.effects import QualityReport
from rooms.live.ids import ParticipantSid, Seconds
from rooms.live.info import ConnectionQuality

REPORT_SECONDS: Seconds = 5.0
EXCELLENT_SCORE = 4.1
GOOD_SCORE = 3.1

_BEST_ON_THIN_LINKS = ((150_000, 2.0), (500_000, 3.9))
"""Below the first, in bit/s, a link carries voices and hardly a face; below the second, small pictures."""
_BEST_WITH_VIDEO_STARVED = 2.5
"""Something that one wishes to see is not shown."""

_Direction = Literal["up", "down"]


def mean_opinion_score(loss: float, round_trip_time_ms: float, jitter_ms: float) -> float:
    """1.0 to 4.5, after the E-model (ITU-T G.107 §7, Annex B) reduced to what we measure.

    Loss is a ratio; 2.5 points of R per percent is what the model gives for Opus-like concealment, and retransmission
    makes it a cautious figure for video.
    """
    delay_ms = round_trip_time_ms / 2 + 2 * jitter_ms + 10
    delay_impairment = max(
        delay_ms / 40, (delay_ms - 120) / 10
    )  # The second, from 160 ms on: people talk over each other.
    rating = min(max(93.2 - delay_impairment - 250 * loss, 0.0), 100.0)
    return 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating)


def within(score: float, available_bps: int | None) -> float:
    """What is left of a score on a link that carries `available_bps`; None if that is not known.

    Nothing is lost or late where little is sent, but what is sent is little.
    """
    if available_bps is None:
        return score
    best = next((best for below_bps, best in _BEST_ON_THIN_LINKS if available_bps < below_bps), score)
    return min(score, best)


def quality_of(score: float) -> ConnectionQuality:
    if score >= EXCELLENT_SCORE:
        return ConnectionQuality.EXCELLENT
    return ConnectionQuality.GOOD if score >= GOOD_SCORE else ConnectionQuality.POOR


@dataclass(slots=True)
class Link:
    """`scores` by direction; `told` is what the others know, None before the first report.

    `starved` while the link does not carry some video that its owner wishes to see.
    """

    scores: dict[_Direction, float] = field(default_factory=dict)
    lost: bool = False
    starved: bool = False
    told: QualityReport | None = None

    def report(self, participant: ParticipantSid) -> QualityReport | None:
        """Both directions count, the worse one decides. None while nothing was measured."""
        if self.lost:
            return QualityReport(participant=participant, quality=ConnectionQuality.LOST, score=0.0)
        if not self.scores:
            return None
        score = min(self.scores.values())
        if self.starved:
            score = min(score, _BEST_WITH_VIDEO_STARVED)
        return QualityReport(participant=participant, quality=quality_of(score), score=score)


@dataclass(slots=True)
class Qualities:
    """Everybody's link. Changes are gathered and told at most every `REPORT_SECONDS`."""

    links: dict[ParticipantSid, Link] = field(default_factory=dict)
    changed: set[ParticipantSid] = field(default_factory=set)
    next_report: Seconds = 0.0

    def measured(self, participant: ParticipantSid, direction: _Direction, score: float) -> None:
        self._link(participant).scores[direction] = score
        self._compare(participant)

    def lost(self, participant: ParticipantSid, *, lost: bool) -> None:
        """There is no sign of the client's media side at all, or there is again."""
        self._link(participant).lost = lost
        self._compare(participant)

    def starved(self, participant: ParticipantSid, *, starved: bool) -> None:
        self._link(participant).starved = starved
        self._compare(participant)

    def forget(self, participant: ParticipantSid) -> None:
        self.links.pop(participant, None)
        self.changed.discard(participant)

    def known(self) -> list[QualityReport]:
        """What others were told last, of everybody of whom they were told."""
        return [link.told for link in self.links.values() if link.told]

    def latest(self) -> dict[ParticipantSid, QualityReport]:
        """The latest report on everybody whose link was measured, told or not."""
        return {sid: report for sid, link in self.links.items() if (report := link.report(sid))}

    def due(self, now: Seconds) -> list[QualityReport]:
        """What is news, if it is time to tell."""
        if not self.changed or now < self.next_report:
            return []
        self.next_report = now + REPORT_SECONDS
        reports = [report for sid in sorted(self.changed) if (report := self.links[sid].report(sid))]
        self.changed.clear()
        for report in reports:
            self.links[report.participant].told = report
        return reports

    def deadline(self) -> Seconds | None:
        return self.next_report if self.changed else None

    def _link(self, participant: ParticipantSid) -> Link:
        return self.links.setdefault(participant, Link())

    def _compare(self, participant: ParticipantSid) -> None:
        link = self._link(participant)
        report = link.report(participant)
        if report and (link.told is None or report.quality is not link.told.quality):
            self.changed.add(participant)
        else:
            self.changed.discard(participant)
