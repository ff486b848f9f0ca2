"""Reliable messages that somebody could not be reached for yet, because its channel was still opening."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rooms.live.effects import DeliverData
from rooms.live.ids import ParticipantSid, Seconds


@dataclass(frozen=True, slots=True)
class Missed:
    at: Seconds
    by: frozenset[ParticipantSid]
    delivery: DeliverData


@dataclass(slots=True)
class DataReplay:
    """Oldest first. When full by age or by bytes, the oldest goes."""

    messages: deque[Missed] = field(default_factory=deque)
    total_bytes: int = 0

    def keep(self, missed: Missed, *, max_age: Seconds, max_bytes: int) -> None:
        self.messages.append(missed)
        self.total_bytes += len(missed.delivery.payload)
        while self.messages and (self.messages[0].at < missed.at - max_age or self.total_bytes > max_bytes):
            self.total_bytes -= len(self.messages.popleft().delivery.payload)

    def for_(self, participant: ParticipantSid, since: Seconds) -> list[DeliverData]:
        """What `participant` has missed since then, in order."""
        return [
            DeliverData(
                to=(participant,),
                reliable=True,
                sender_identity=missed.delivery.sender_identity,
                sender=missed.delivery.sender,
                payload=missed.delivery.payload,
            )
            for missed in self.messages
            if participant in missed.by and missed.at >= since
        ]
