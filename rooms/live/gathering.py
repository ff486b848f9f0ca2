"""News that can wait a moment: of people who only listen, told together, so that a crowd at the door is one message."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms.live.ids import Identity, ParticipantSid, Seconds
from rooms.live.info import ParticipantInfo

GATHERING_SECONDS: Seconds = 0.25
"""What everybody is told at most so often; too short for people to notice, and twelve of 50 joins/s."""


@dataclass(slots=True)
class Gathering:
    """`changed` are those of whom there is something new to tell, `departed` the last words on those who have left.

    News after a quiet time does not wait; what follows it does, until `open_at`.
    """

    changed: dict[ParticipantSid, None] = field(default_factory=dict)
    departed: dict[Identity, ParticipantInfo] = field(default_factory=dict)
    open_at: Seconds = 0.0

    def change(self, participant: ParticipantSid) -> None:
        self.changed[participant] = None

    def depart(self, info: ParticipantInfo) -> None:
        """The last word on a participant: nothing else is told of it any more."""
        self.forget(info.sid)
        self.departed[info.identity] = info

    def forget(self, participant: ParticipantSid) -> None:
        self.changed.pop(participant, None)

    def concerns(self, participant: ParticipantSid) -> bool:
        """Whether the others have yet to hear something of this participant."""
        return participant in self.changed

    def may_be_told(self, now: Seconds) -> bool:
        return now >= self.open_at

    def told(self, now: Seconds) -> None:
        self.open_at = now + GATHERING_SECONDS

    def take(self) -> tuple[list[ParticipantInfo], list[ParticipantSid]]:
        """Everything that waits, which then waits no more: who has left, and of whom there is something new."""
        taken = list(self.departed.values()), list(self.changed)
        self.departed.clear()
        self.changed.clear()
        return taken

    def deadline(self) -> Seconds | None:
        return self.open_at if self.changed or self.departed else None
