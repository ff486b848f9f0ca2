"""From what programs print to medians."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import Spread, at_share, figures_of, is_saturated, summarise
from tests.benchmarks.runs import cost, failure, floor, run, step


def test_the_median_of_the_rounds_stands_for_all_and_the_spread_beside_it() -> None:
    summary = summarise([cost("video-50", "hoichan", us, number) for number, us in enumerate((1.4, 9.9, 1.6))])
    assert summary.figures["video-50", "hoichan"]["cpu_us"] == Spread(1.6, 1.4, 9.9)


def test_the_limit_is_read_as_the_load_clients_figures_are() -> None:
    summary = summarise([floor("video-50", 1.2), cost("video-50", "hoichan", 1.5)])
    assert [summary.median("video-50", peer, "cpu_us") for peer in ("limit", "hoichan")] == [1.2, 1.5]


def test_a_figure_that_was_not_taken_is_no_zero() -> None:
    found = figures_of({"server": {"cpu_us_per_packet": None}, "delay_ms": {"p50": 0.2}})
    assert found == {"delay_ms_p50": 0.2}


def test_a_failed_round_leaves_the_others_standing() -> None:
    summary = summarise([cost("video-50", "janus", 8.0), failure("video-50", "janus", "it died")])
    assert summary.median("video-50", "janus", "cpu_us") == 8.0
    assert summary.failures["video-50", "janus"] == ("it died",)


def test_cases_and_peers_keep_the_order_in_which_they_were_measured() -> None:
    summary = summarise([cost("b", "livekit", 1), cost("b", "hoichan", 1), cost("a", "hoichan", 1)])
    assert (summary.cases(), summary.peers()) == (["b", "a"], ["livekit", "hoichan"])
    assert summary.peers("a") == ["hoichan"]


def test_the_steps_of_a_ladder_rise_by_size_and_not_by_spelling() -> None:
    runs = [step("hoichan", size, busy=0.1, packets=1) for size in (100, 20, 3)]
    summary = summarise([*runs, run("ladder-of-others", "hoichan", server__busy=1)])
    assert [size for size, _ in summary.ladder("ladder", "hoichan")] == [3, 20, 100]


@pytest.mark.parametrize(
    "figures", [{"busy": 0.5, "lost": 0.002}, {"busy": 0.99}, {"busy": 0.5, "client_busy": 0.99}], ids=str
)
def test_a_server_is_saturated_when_it_loses_or_a_core_is_full(figures: dict[str, float]) -> None:
    assert is_saturated(figures)


def test_a_server_with_room_left_is_not_saturated() -> None:
    assert not is_saturated({"busy": 0.5, "lost": 0.0, "client_busy": 0.9})


def test_between_two_steps_the_way_is_straight() -> None:
    assert at_share([(0.9, 200), (0.5, 100)], 0.8) == pytest.approx(175)


def test_nothing_is_said_beyond_the_last_step() -> None:
    assert at_share([(0.1, 10), (0.5, 100)], 0.8) is None
    assert at_share([], 0.8) is None


@given(
    points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e6)), min_size=2, max_size=8),
    wanted=st.floats(0, 1),
)
def test_what_is_read_between_steps_is_never_outside_them(points: list[tuple[float, float]], wanted: float) -> None:
    value = at_share(points, wanted)
    if value is not None:
        values = [each for _, each in points]
        assert min(values) - 1e-6 <= value <= max(values) + 1e-6
