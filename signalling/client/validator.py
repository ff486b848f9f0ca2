"""The last look at what goes out to one client: whether it fits what that client is, and what it was told before.

What holds for every client stands in `rules`. A broken rule is a fault of ours, hence an `AssertionError`: the shell
ends that one connection, and the client comes back.
"""

from __future__ import annotations

from signalling.client.message import Message


class Validator:
    """Checks every message to one client. Keeps the last version told of each participant.

    `single` is whether the client has one peer connection instead of two.
    """

    def __init__(self, *, single: bool) -> None:
        self._single = single
        self._versions: dict[str, int] = {}

    def check(self, message: Message) -> Message:
        """Give `message` back if it may be sent. Raises `AssertionError` naming what is wrong with it."""
        message.check()
        self._follow(message)
        if self._single:
            assert message.kind != "offer", "offer in single mode: the client has no subscriber connection"
            primary = message.kind == "join" and message.response.join.subscriber_primary
            assert not primary, "subscriber_primary in single mode: Go crashes"
        else:
            assert message.kind != "media_sections_requirement", "media_sections_requirement in dual mode: for nothing"
        return message

    def _follow(self, message: Message) -> None:
        versions = self._versions
        for sid, version, is_gone in message.people:
            assert version >= versions.get(sid, 0), f"version of {sid} goes back: browsers ignore the update"
            if is_gone:
                versions.pop(sid, None)
            else:
                versions[sid] = version
