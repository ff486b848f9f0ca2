"""Our answers and offers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from signalling.client.sdp.description import SessionDescription
from signalling.client.sdp.plan import LocalTransport, OfferedSection, SectionAnswer


def write_answer(
    offer: SessionDescription,
    local: LocalTransport,
    plan: Mapping[str, SectionAnswer],
    *,
    version: int,
) -> str:
    """Answer `offer`. `plan` goes by mid; a section it does not name becomes inactive, or a data channel.

    What a section cannot carry (no common codec, outside the BUNDLE group) is rejected; a plan against the offered
    direction becomes inactive. `version` counts our descriptions of this peer connection (RFC 8829 §5.3.1).
    """
    raise NotImplementedError


def write_offer(local: LocalTransport, sections: Sequence[OfferedSection], *, version: int) -> str:
    """Offer `sections` to a subscriber. `version` counts our descriptions of this peer connection."""
    raise NotImplementedError
