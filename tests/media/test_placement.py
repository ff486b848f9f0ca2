"""Where rooms go, in made-up time and under made-up loads."""

from __future__ import annotations

from dataclasses import dataclass

from media.placement import DISTRUST_SECONDS, Placement, fragment_prefix


@dataclass(frozen=True)
class Load:
    busy_share: float = 0.0
    consumers: int = 0


IDLE = Load()


def test_rooms_spread_over_workers_that_are_equally_busy() -> None:
    placement = Placement()
    homes = [placement.place(0, f"ward-{number}", [IDLE, IDLE, IDLE]) for number in range(6)]
    assert homes == [0, 1, 2, 0, 1, 2]


def test_a_room_keeps_its_home_whatever_the_load_becomes() -> None:
    placement = Placement()
    home = placement.place(0, "ward-3", [IDLE, IDLE])
    busy_home = [Load(busy_share=0.9, consumers=500) if worker == home else IDLE for worker in (0, 1)]
    assert placement.place(60, "ward-3", busy_home) == home
    assert placement.place(60, "ward-4", busy_home) != home, "a new room goes where there is time"


def test_among_the_equally_busy_the_one_that_sends_less_is_chosen() -> None:
    assert Placement().place(0, "ward-3", [Load(0.31, 40), Load(0.39, 4)]) == 1


def test_a_closed_room_may_open_again_elsewhere() -> None:
    placement = Placement()
    assert placement.place(0, "ward-3", [IDLE, IDLE]) == 0
    placement.forget("ward-3")
    placement.forget("never-there")
    assert placement.place(1, "ward-3", [Load(0.8), IDLE]) == 1


def test_the_rooms_of_a_worker_that_broke_find_another_and_it_gets_none_for_a_while() -> None:
    placement = Placement()
    loads = [IDLE, IDLE]
    assert [placement.place(0, room, loads) for room in ("ward-3", "ward-4")] == [0, 1]
    placement.faulted(10, 0)
    assert placement.place(10, "ward-3", loads) == 1, "though it has a room and the other none"
    assert placement.place(10, "ward-5", [IDLE, Load(0.9)]) == 1
    assert placement.place(10 + DISTRUST_SECONDS, "ward-6", loads) == 0


def test_where_all_have_broken_there_is_still_a_home() -> None:
    placement = Placement()
    placement.faulted(0, 0)
    assert placement.place(0, "ward-3", [IDLE]) == 0


def test_prefixes_are_ice_characters_and_all_differ() -> None:
    prefixes = [fragment_prefix(worker) for worker in range(64)]
    assert len(set(prefixes)) == 64
    assert all(len(prefix) == 1 and (prefix.isalnum() or prefix in "+/") for prefix in prefixes)
