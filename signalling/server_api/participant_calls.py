"""RPC from the server to a participant: a request goes out as data, its answer comes back as data.

The request is sent under a name that nobody has, its own number: clients address their answer to it, and what is
addressed to nobody in the room comes here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from livekit.protocol import models

from rooms.live.admin_actions import AdminOutcome, Failure, SendData
from rooms.live.effects import DataForNobody
from rooms.live.ids import Identity, Seconds

MAX_PAYLOAD_BYTES = 15 * 1024
"""Of LiveKit's RPC, in both directions."""

MAX_PENDING = 1_000
DEFAULT_TIMEOUT_SECONDS: Seconds = 15.0
LONGEST_TIMEOUT_SECONDS: Seconds = 60.0
_VERSION: Final = 1
_ID_BYTES = 16


class CallRefusedError(Exception):
    """The participant answered with an error. `code` is LiveKit's or the application's, `data` what it added."""

    def __init__(self, code: int, message: str, data: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class TooManyCallsError(Exception):
    """Answers to `MAX_PENDING` calls are being waited for."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """Only `callee` in `room` may answer."""

    room: str
    callee: Identity
    answer: asyncio.Future[str]


@dataclass(frozen=True, slots=True)
class ParticipantCalls:
    """The calls that await their answers, by number."""

    _pending: dict[Identity, _Pending] = field(default_factory=dict)

    def start(
        self,
        room: str,
        request: models.RpcRequest,
        callee: Identity,
        send: Callable[[SendData], AdminOutcome],
    ) -> asyncio.Future[str] | Failure:
        """Send `request` by `send`, under a number of its own. The future raises `CallRefusedError`; cancelling it
        ends the call. Raises `TooManyCallsError`.
        """
        if len(self._pending) >= MAX_PENDING:
            raise TooManyCallsError
        number = Identity(f"RPC_{secrets.token_hex(_ID_BYTES)}")
        request.id, request.version = number, _VERSION
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._pending[number] = _Pending(room, callee, answer)
        answer.add_done_callback(lambda _: self._pending.pop(number, None))
        outcome = send(
            SendData(
                payload=models.DataPacket(rpc_request=request).SerializeToString(),
                reliable=True,
                sender=number,
                to_identities=frozenset({callee}),
            )
        )
        if isinstance(outcome, Failure):
            answer.cancel()
            return outcome
        return answer

    def hear(self, room: str, data: DataForNobody) -> None:
        """Data that named nobody in `room`: perhaps the answer that somebody waits for. All else is ignored."""
        for number in data.names:
            pending = self._pending.get(number)
            if pending is None or (pending.room, pending.callee) != (room, data.sender) or pending.answer.done():
                continue
            response = models.DataPacket.FromString(data.payload).rpc_response
            if response.request_id == number:
                _settle(pending.answer, response)


def _settle(answer: asyncio.Future[str], response: models.RpcResponse) -> None:
    if response.WhichOneof("value") == "payload":
        answer.set_result(response.payload)
    else:
        answer.set_exception(CallRefusedError(response.error.code, response.error.message, response.error.data))
