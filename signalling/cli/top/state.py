"""What is on the screen, as a value: the latest answers, the ones before for rates, and what the viewer picked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from signalling.hosting.live_answers import Node, Room


class Key(StrEnum):
    """What may be pressed."""

    NEXT_ROOM = "next room"
    PREVIOUS_ROOM = "previous room"
    DOWN = "down"
    UP = "up"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Screen:
    """`room_name` is the picked one, empty while there is none; `scrolled` counts people above the first shown.

    `room` is None if the picked room has just closed.
    """

    node: Node
    before: Node | None = None
    room: Room | None = None
    room_name: str = ""
    scrolled: int = 0

    def pressed(self, key: Key) -> Screen:
        match key:
            case Key.NEXT_ROOM:
                return self._move(+1)
            case Key.PREVIOUS_ROOM:
                return self._move(-1)
            case Key.DOWN:
                return replace(self, scrolled=min(self.scrolled + 1, max(self._people() - 1, 0)))
            case Key.UP:
                return replace(self, scrolled=max(self.scrolled - 1, 0))
            case Key.QUIT:
                return self

    def answered(self, node: Node) -> Screen:
        """A new answer about the node. Without a pick, the first room is looked at."""
        first = next((room["name"] for room in node["rooms"]), "")
        return replace(self, node=node, before=self.node, room_name=self.room_name or first)

    def room_answered(self, room: Room | None) -> Screen:
        """A new answer about the picked room, None if it is not open any more."""
        return replace(self, room=room)

    def per_second(self, *counters: str) -> float | None:
        """How fast these core's totals grow together; None before the second answer."""
        if self.before is None:
            return None
        grown = sum(self.node["counters"].get(name, 0) - self.before["counters"].get(name, 0) for name in counters)
        return grown / self._passed(self.before)

    def python_share(self) -> float | None:
        """CPU of the event loop, 1.0 is a whole core."""
        if self.before is None:
            return None
        used = self.node["event_loop_cpu_seconds"] - self.before["event_loop_cpu_seconds"]
        return used / self._passed(self.before)

    def worker_share(self, worker: int) -> float | None:
        """CPU of one worker's thread, 1.0 is a whole core."""
        if self.before is None:
            return None
        now = {each["worker"]: each["cpu_seconds"] for each in self.node["workers"]}
        then = {each["worker"]: each["cpu_seconds"] for each in self.before["workers"]}
        return (now[worker] - then.get(worker, 0.0)) / self._passed(self.before)

    def _passed(self, before: Node) -> float:
        return max(self.node["clock_seconds"] - before["clock_seconds"], 0.001)

    def _people(self) -> int:
        return len(self.room["participants"]) if self.room else 0

    def _move(self, step: int) -> Screen:
        names = [room["name"] for room in self.node["rooms"]]
        if not names:
            return self
        at = names.index(self.room_name) if self.room_name in names else -step
        return replace(self, room_name=names[(at + step) % len(names)], room=None, scrolled=0)
