"""How many of everything this node holds."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.live.census import Census


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCensus:
    """`people` is of all rooms together; `starved` counts videos that the core holds back for want of bit rate."""

    rooms: int
    people: Census
    starved: int
