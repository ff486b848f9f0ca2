"""The first message of a connection: it describes everybody who is there, which in a crowd is nearly all of it.

The others are described once for all who join: protocol buffers let the elements of a repeated field follow one
another anywhere in a message, so that what was encoded of each need only be strung together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from google.protobuf.wrappers_pb2 import BytesValue
from livekit.protocol import rtc

from rooms.live.ids import ParticipantSid
from rooms.live.info import ParticipantInfo
from signalling.client import rules
from signalling.client.encoding import participant_message
from signalling.client.message import Mentioned, Message, mentioned


class Described(NamedTuple):
    """`encoded` is a JoinResponse that describes `info` as one of the others, and nothing else."""

    info: ParticipantInfo
    mentioned: Mentioned
    encoded: bytes


@dataclass(slots=True)
class Roster:
    """How everybody in one room was described last."""

    _described: dict[ParticipantSid, Described] = field(default_factory=dict)

    def described(self, info: ParticipantInfo) -> Described:
        """Raises `AssertionError` if no client could bear it."""
        found = self._described.get(info.sid)
        if found is None or found.info is not info:
            message = participant_message(info)
            rules.check_participant(message)
            encoded = rtc.JoinResponse(other_participants=[message]).SerializeToString()
            found = self._described[info.sid] = Described(info, mentioned(message), encoded)
        return found

    def forget(self, participant: ParticipantSid) -> None:
        self._described.pop(participant, None)


class JoinMessage(Message):
    """`alone` describes the newcomer, and nobody else."""

    def __init__(self, alone: rtc.JoinResponse, others: Sequence[Described]) -> None:
        super().__init__(rtc.SignalResponse(join=alone))
        self._others = others

    @property
    def complete(self) -> rtc.SignalResponse:
        return rtc.SignalResponse.FromString(self.encoded)

    @cached_property
    def encoded(self) -> bytes:
        join = b"".join((self.response.join.SerializeToString(), *(other.encoded for other in self._others)))
        # A message with one field of bytes, and both fields have the number 1: the same bytes as a response's.
        return BytesValue(value=join).SerializeToString()

    @cached_property
    def people(self) -> tuple[Mentioned, ...]:
        return (mentioned(self.response.join.participant), *(other.mentioned for other in self._others))
