"""What a participant may be called and say of itself: names, metadata and attributes, within limits."""

from __future__ import annotations

from collections.abc import Mapping

from rooms.live.limits import NAME_LENGTH_CHARACTERS, Limits
from rooms.live.participant import Participant


def too_large(
    limits: Limits, *, name: str | None, metadata: str | None, attributes: Mapping[str, str] | None
) -> str | None:
    """A sentence saying which of them is over its limit, None if none is."""
    if name is not None and len(name) > NAME_LENGTH_CHARACTERS:
        return f"a name has at most {NAME_LENGTH_CHARACTERS} characters"
    if metadata is not None and len(metadata.encode()) > limits.metadata_bytes:
        return f"metadata has at most {limits.metadata_bytes} bytes"
    if attributes is not None and _size(attributes) > limits.attributes_bytes:
        return f"attributes have at most {limits.attributes_bytes} bytes together"
    return None


def merged(attributes: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """`attributes` with `changes` made; an empty value deletes its key."""
    return {key: value for key, value in {**attributes, **changes}.items() if value}


def describe(
    participant: Participant, *, name: str | None, metadata: str | None, attributes: Mapping[str, str]
) -> None:
    """Take new values over; None leaves one as it is. `attributes` is the whole of them."""
    participant.name = participant.name if name is None else name
    participant.metadata = participant.metadata if metadata is None else metadata
    participant.attributes = attributes


def _size(attributes: Mapping[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in attributes.items())
