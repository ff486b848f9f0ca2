"""What a session needs to know of our media side, and the identifiers it draws."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from media.parameters import (
    ConsumerId,
    DtlsFingerprint,
    IceCandidate,
    IceParameters,
    ProducerId,
    SpeakerGroupId,
    TransportId,
)
from media.placement import fragment_prefix

_ICE_CHARACTERS = string.ascii_letters + string.digits
_UFRAG_LENGTH = 12
"""RFC 8445 §5.3 asks for 24 random bits; all peers share one port here, so that ufrags must not collide (71 bits)."""
_PASSWORD_LENGTH = 32
_MAX_SSRC = 0xFFFF_FFFF
_MAX_SESSION_ID = (1 << 62) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMedia:
    """`random` is cryptographic, or seeded in tests; the id functions give an unused one at each call.

    `worker` is the core's thread on which the transports live: their username fragments begin with its prefix.
    """

    fingerprint: DtlsFingerprint
    candidates: tuple[IceCandidate, ...]
    transport_id: Callable[[], TransportId]
    producer_id: Callable[[], ProducerId]
    consumer_id: Callable[[], ConsumerId]
    speaker_group_id: Callable[[], SpeakerGroupId]
    random: random.Random
    worker: int = 0

    def only(self, protocol: str) -> Self:
        """The same with the candidates of one transport protocol, or unchanged if there is none of it."""
        chosen = tuple(candidate for candidate in self.candidates if candidate.protocol == protocol)
        return replace(self, candidates=chosen or self.candidates)

    def ice(self) -> IceParameters:
        return IceParameters(
            username_fragment=fragment_prefix(self.worker) + self._token(_UFRAG_LENGTH),
            password=self._token(_PASSWORD_LENGTH),
        )

    def ssrc(self) -> int:
        """RFC 3550 §8.1; never 0, which some stacks take for "none"."""
        return self.random.randint(1, _MAX_SSRC)

    def session_id(self) -> int:
        return self.random.randint(1, _MAX_SESSION_ID)

    def _token(self, length: int) -> str:
        return "".join(self.random.choices(_ICE_CHARACTERS, k=length))
