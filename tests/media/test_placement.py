"""Where rooms go, in made-up time and under made-up loads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from media.placement import DEFAULT_CROWD, DISTRUST_SECONDS, Placement, fragment_prefix


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


def test_a_crowd_goes_on_where_there_is_most_time() -> None:
    placement = Placement()
    loads = [IDLE, Load(0.9), Load(0.1)]
    homes = [placement.place(0, "auditorium", loads) for _ in range(2 * DEFAULT_CROWD)]
    assert homes == [0] * DEFAULT_CROWD + [2] * DEFAULT_CROWD


def test_a_crowd_larger_than_all_workers_hold_is_shared_evenly() -> None:
    placement = Placement(crowd=2)
    assert Counter(placement.place(0, "auditorium", [IDLE, IDLE]) for _ in range(10)) == {0: 5, 1: 5}


def test_who_comes_after_others_have_left_takes_their_place_and_a_crowd_that_shrinks_is_one_room_again() -> None:
    placement = Placement(crowd=2)
    assert [placement.place(0, "ward-3", [IDLE, IDLE]) for _ in range(3)] == [0, 0, 1]
    placement.leave("ward-3", 0)
    assert placement.place(0, "ward-3", [IDLE, IDLE]) == 0
    for worker in (0, 1):
        placement.leave("ward-3", worker)
    assert placement.place(0, "ward-3", [Load(0.9), IDLE]) == 0, "where the others are"


def test_only_those_of_a_crowd_whose_worker_broke_move() -> None:
    placement = Placement(crowd=2)
    loads = [IDLE, IDLE, IDLE]
    assert [placement.place(0, "ward-3", loads) for _ in range(4)] == [0, 0, 1, 1]
    placement.faulted(0, 0)
    assert [placement.place(1, "ward-3", loads) for _ in range(2)] == [2, 2]
    placement.leave("ward-3", 0)
    placement.leave("never-there", 0)


@given(
    crowd=st.integers(1, 4),
    workers=st.integers(1, 4),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.floats(0, 1)), max_size=60),
)
def test_no_worker_takes_more_than_its_part_while_another_takes_less(
    crowd: int, workers: int, steps: list[tuple[bool, int, float]]
) -> None:
    """Whoever comes and goes, and however busy workers become."""
    placement, people = Placement(crowd), list[int]()
    for comes, number, busy_share in steps:
        if comes or not people:
            loads = [Load(busy_share if worker == number % workers else 0.5) for worker in range(workers)]
            before = Counter(people)
            worker = placement.place(0, "auditorium", loads)
            least = min(before[other] for other in range(workers))
            assert before[worker] < crowd or before[worker] == least
            assert worker in before or all(count >= crowd for count in before.values())
            people.append(worker)
        else:
            placement.leave("auditorium", people.pop(number % len(people)))


def test_where_all_have_broken_there_is_still_a_home() -> None:
    placement = Placement()
    placement.faulted(0, 0)
    assert placement.place(0, "ward-3", [IDLE]) == 0


def test_prefixes_are_ice_characters_and_all_differ() -> None:
    prefixes = [fragment_prefix(worker) for worker in range(64)]
    assert len(set(prefixes)) == 64
    assert all(len(prefix) == 1 and (prefix.isalnum() or prefix in "+/") for prefix in prefixes)
