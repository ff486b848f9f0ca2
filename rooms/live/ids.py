"""Identifiers with their prefixes, and the time that a room counts in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType

RoomSid = NewType("RoomSid", str)
ParticipantSid = NewType("ParticipantSid", str)
TrackSid = NewType("TrackSid", str)
Identity = NewType("Identity", str)
"""Who a person is, as the access token says: one seat per identity."""

NO_NAME = Identity("")

ConnectionId = NewType("ConnectionId", int)
"""One attempt to join or to resume, numbered by the caller, who gets the outcome under this number."""

RequestId = NewType("RequestId", int)

Seconds = float
"""Of a monotonic clock that the caller owns."""

UnixSeconds = float


@dataclass(frozen=True, slots=True)
class SidGenerator:
    """Server ids as LiveKit clients demand them: `RM_`, `PA_`, `TR_` and letters that tell what a track is.

    `token` gives a fresh unguessable string of letters and digits at every call.
    """

    token: Callable[[], str]

    def room(self) -> RoomSid:
        return RoomSid(f"RM_{self.token()}")

    def participant(self) -> ParticipantSid:
        return ParticipantSid(f"PA_{self.token()}")

    def track(self, marker: str) -> TrackSid:
        """`marker` is V or A for the kind, then C, M, S or s for the source (camera, microphone, screen, its audio)."""
        return TrackSid(f"TR_{marker}{self.token()}")
