"""Who is speaking, from the levels that the core reports for each window of 400 ms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from rooms.live.effects import Speaker
from rooms.live.ids import ParticipantSid, Seconds

ACTIVE_LEVEL = 10 ** (-35 / 20)
"""-35 dBov as an amplitude: what LiveKit counts as speaking."""

WINDOW: Seconds = 0.4
"""What one report of the core covers."""

REMAINS = 1 / 3
"""Weight of what was heard before, a window later: an exponential mean over two of them."""

MISSED: Seconds = 1.5 * WINDOW
"""A report tells of the voices on one worker: who is missing may be in another's, which comes within a window."""

STEPS = 8
"""Levels are told in eighths, so that a steady voice is not news in every window."""

SILENCE_SECONDS: Seconds = 1.0
"""The core reports nothing for a room in which nobody is audible; this long without a report means silence."""

SIMULATED_LEVEL = 0.875


@dataclass(slots=True)
class Voice:
    """`smoothed` follows the reports, `told` is the level that subscribers know, 0 for silent."""

    heard_at: Seconds
    smoothed: float = 0.0
    told: float = 0.0


@dataclass(slots=True)
class Speakers:
    """Invariant: whoever is told to be speaking has a voice in `voices`, until told to be silent."""

    voices: dict[ParticipantSid, Voice] = field(default_factory=dict)
    simulated: dict[ParticipantSid, Seconds] = field(default_factory=dict)
    heard_at: Seconds = 0.0

    def hear(self, now: Seconds, levels: Mapping[ParticipantSid, float]) -> list[Speaker]:
        """Take one worker's levels (0.0 to 1.0) for a window. Returns those whose level is news.

        A voice may be in the reports of several workers, or of one.
        """
        self.heard_at = now
        self.simulated = {sid: until for sid, until in self.simulated.items() if until > now}
        for sid in (*levels, *self.simulated):
            self.voices.setdefault(sid, Voice(heard_at=now - WINDOW))
        changes: list[Speaker] = []
        for sid, voice in list(self.voices.items()):
            elapsed = now - voice.heard_at
            if sid in levels:
                newest = 1 - REMAINS ** (elapsed / WINDOW)
                voice.smoothed += (min(max(levels[sid], 0.0), 1.0) - voice.smoothed) * newest
                voice.heard_at = now
            elif elapsed >= MISSED:
                voice.smoothed = 0.0
            level_now = SIMULATED_LEVEL if sid in self.simulated else _rounded(voice.smoothed)
            if level_now != voice.told:
                voice.told = level_now
                changes.append(Speaker(participant=sid, level=level_now, active=level_now > 0))
            if voice.smoothed == 0 and level_now == 0:
                del self.voices[sid]
        return changes

    def simulate(self, now: Seconds, participant: ParticipantSid, until: Seconds) -> list[Speaker]:
        """Show `participant` as speaking until `until`, whatever is heard."""
        self.simulated[participant] = until
        voice = self.voices.setdefault(participant, Voice(heard_at=now - WINDOW))
        self.heard_at = now
        voice.told = SIMULATED_LEVEL
        return [Speaker(participant=participant, level=SIMULATED_LEVEL, active=True)]

    def due(self, now: Seconds) -> list[Speaker]:
        """The silence after the last report."""
        deadline = self.deadline()
        if deadline is None or deadline > now:
            return []
        return self.hear(now, {})

    def forget(self, participant: ParticipantSid) -> None:
        self.voices.pop(participant, None)
        self.simulated.pop(participant, None)

    def deadline(self) -> Seconds | None:
        return self.heard_at + SILENCE_SECONDS if self.voices else None


def _rounded(level: float) -> float:
    return math.ceil(level * STEPS) / STEPS if level >= ACTIVE_LEVEL else 0.0
