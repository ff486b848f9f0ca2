"""What a session holds. `session` chooses the reaction to each event; the reactions stand in the modules beside it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from media.parameters import TransportId
from rooms.live.ids import ParticipantSid, Seconds
from rooms.live.info import ParticipantInfo
from signalling.client.local_media import LocalMedia
from signalling.client.negotiation.dual import Dual
from signalling.client.negotiation.single import Single
from signalling.client.session_effects import Send

MAX_DEPARTURES_REMEMBERED = 256
MAX_MISSED_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Linked:
    """The client's connection is open."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The client is back and has not spoken yet. What it says first is what it still knows (`sync_state`); an offer
    that came before that has made livekit 1.0.25 die (2 resumes of some 35, and none of 228 since we wait).
    """


@dataclass(slots=True)
class Unlinked:
    """The connection was lost. `missed` is what no later message says again, oldest first."""

    missed: deque[Send] = field(default_factory=lambda: deque(maxlen=MAX_MISSED_REMEMBERED))


@dataclass(frozen=True, slots=True)
class Ended:
    """The seat is gone. Nothing will come of this session any more."""


class OnResume(StrEnum):
    """What a client's own test has asked us to do wrong at its next resume."""

    WELCOME = "welcome"
    DROP_AFTER_MESSAGES = "drop_after_messages"
    DROP_AT_ONCE = "drop_at_once"


@dataclass(slots=True, kw_only=True)
class SessionState:
    """`unix_offset` added to the caller's clock gives Unix time; `protocol` is the client's signal protocol.

    `info` is the participant as last heard of. `departed` are others who left since the last (re)connection, oldest
    first: a connection may be dead for a while before we know, and what was written to it lost. `failing` are those
    transports that the client has closed, with the time at which that is a failure: a goodbye may still be on its way.
    """

    participant: ParticipantSid
    protocol: int
    node: str
    unix_offset: Seconds
    media: LocalMedia
    negotiation: Dual | Single
    info: ParticipantInfo
    renew_token_at: Seconds
    link: Linked | Returned | Unlinked | Ended = field(default_factory=Linked)
    departed: dict[ParticipantSid, ParticipantInfo] = field(default_factory=dict)
    on_resume: OnResume = OnResume.WELCOME
    failing: dict[TransportId, Seconds] = field(default_factory=dict)

    def remember_departed(self, info: ParticipantInfo) -> None:
        self.departed[info.sid] = info
        if len(self.departed) > MAX_DEPARTURES_REMEMBERED:
            del self.departed[next(iter(self.departed))]
