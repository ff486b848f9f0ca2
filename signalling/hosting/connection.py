"""What a room needs of a client's connection."""

from __future__ import annotations

from typing import Protocol

from signalling.client.message import Message


class Connection(Protocol):
    """One open connection. Neither method waits; a client that does not read is disconnected."""

    def send(self, message: Message) -> None: ...

    def hang_up(self, *, abruptly: bool) -> None:
        """Close after what was sent, or `abruptly` right now. Nothing can be sent any more."""
        ...
