"""Who is to be woken when, of many: the earliest is known without looking at all of them."""

from __future__ import annotations

import heapq

from rooms.live.ids import ParticipantSid, Seconds

_MOST_OUTDATED = 64
"""Beyond this many, and the number of alarms, what is outdated is swept out."""


class Alarms:
    """One time for each participant. What was set before stays in the heap for a while, and is passed over."""

    def __init__(self) -> None:
        self._times: dict[ParticipantSid, Seconds] = {}
        self._heap: list[tuple[Seconds, int, ParticipantSid]] = []
        self._settings = 0

    def set(self, participant: ParticipantSid, at: Seconds | None) -> None:
        """Wake `participant` at this time and at no other; None for never."""
        if at is None:
            self._times.pop(participant, None)
        elif self._times.get(participant) != at:
            self._times[participant] = at
            self._settings += 1
            heapq.heappush(self._heap, (at, self._settings, participant))
            self._sweep()

    def earliest(self) -> Seconds | None:
        while self._heap and self._times.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: Seconds) -> list[ParticipantSid]:
        """Those whose time has come, by their times. They have none any more."""
        due: list[ParticipantSid] = []
        while (at := self.earliest()) is not None and at <= now:
            participant = heapq.heappop(self._heap)[2]
            del self._times[participant]
            due.append(participant)
        return due

    def _sweep(self) -> None:
        if len(self._heap) > 2 * len(self._times) + _MOST_OUTDATED:
            self._heap = [entry for entry in self._heap if self._times.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)
