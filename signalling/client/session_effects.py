"""What a session asks of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

from media.commands import Command
from rooms.live.events import Event as RoomEvent
from rooms.live.info import ParticipantInfo
from signalling.client.message import Message


@dataclass(frozen=True, slots=True)
class Send:
    """To the client, on its present connection."""

    message: Message


@dataclass(frozen=True, slots=True)
class TellRoom:
    event: RoomEvent


@dataclass(frozen=True, slots=True)
class AskCore:
    command: Command


@dataclass(frozen=True, slots=True)
class RenewToken:
    """Make an access token with what the participant now is and may, and send it as `refresh_token`."""

    participant: ParticipantInfo


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the present connection once everything before has been sent. `abruptly` leaves out even that."""

    abruptly: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """Something that the client did wrong, under a stable name."""

    what: str


SessionEffect = Send | TellRoom | AskCore | RenewToken | HangUp | Count
