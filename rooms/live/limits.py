"""How much of everything one room takes. Lengths are in bytes of UTF-8 unless the name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

NAME_LENGTH_CHARACTERS = 256
"""Of identities, participant names and room names alike, as LiveKit has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that protect the many from the one. `max_participants` 0 means no bound of the room's own."""

    max_participants: int = 0
    tracks_per_participant: int = 50
    loudest_microphones: int = 0
    """Forwarded at a time where more are open; 0 forwards all."""
    metadata_bytes: int = 512_000
    attributes_bytes: int = 64_000
    layers_per_track: int = 3
    data_message_bytes: int = 65_536
    data_replay_seconds: float = 2.0
    data_replay_bytes: int = 1_048_576
    sids_per_request: int = 1_000
    """Track sids, participant sids or attribute keys in one request; more are cut off."""
