"""One message, for one client or for many: built once, checked once, encoded once."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from google.protobuf import json_format
from livekit.protocol import models, rtc

from signalling.client import rules


class Mentioned(NamedTuple):
    """What a message says of a participant, as far as it must agree with what was said before."""

    sid: str
    version: int
    is_gone: bool


class Message:
    """`response` must not be changed any more."""

    def __init__(self, response: rtc.SignalResponse) -> None:
        self.response = response
        self.kind = response.WhichOneof("message") or "unknown"
        self._is_sound = False

    def check(self) -> None:
        """Raises `AssertionError` if no client could bear it."""
        if not self._is_sound:
            rules.check(self.response)
            self._is_sound = True

    @property
    def complete(self) -> rtc.SignalResponse:
        """All that the client will read."""
        return self.response

    @cached_property
    def encoded(self) -> bytes:
        return self.response.SerializeToString()

    @cached_property
    def text(self) -> str:
        """As JSON."""
        return json_format.MessageToJson(self.complete, indent=None)

    @cached_property
    def people(self) -> tuple[Mentioned, ...]:
        """Everybody whom it describes."""
        match self.kind:
            case "join":
                join = self.response.join
                return (mentioned(join.participant), *map(mentioned, join.other_participants))
            case "update":
                return tuple(map(mentioned, self.response.update.participants))
            case _:
                return ()


def mentioned(info: models.ParticipantInfo) -> Mentioned:
    return Mentioned(info.sid, info.version, info.state == models.ParticipantInfo.State.DISCONNECTED)
