"""Whether a run meets what was promised."""

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.browser import distribution
from benchmarks.figures import figures_of, summarise
from benchmarks.targets import TARGETS, Verdict, verdicts
from tests.benchmarks.runs import cost, floor, run, step


def judged(*runs: Mapping[str, Any]) -> dict[str, Verdict]:
    return {target.name: verdict for target, verdict in verdicts(summarise(runs))}


def test_without_a_run_nothing_is_met_and_nothing_missed() -> None:
    assert {verdict.word for verdict in judged().values()} == {"not measured"}


def test_a_ratio_at_the_bound_is_met_and_beyond_it_missed_by_so_much() -> None:
    assert judged(floor("video-50", 1.0), cost("video-50", "hoichan", 1.35))["limit"].word == "met"
    assert judged(floor("video-50", 1.0), cost("video-50", "hoichan", 2.7))["limit"].word == "missed by 100%"


def test_we_compare_with_the_best_that_a_peer_can_do() -> None:
    runs = (cost("video-50", "livekit", 20), cost("video-50", "livekit-batched", 5), cost("video-50", "hoichan", 2))
    verdict = judged(*runs)["livekit"]
    assert verdict.word == "missed by 100%"
    assert "livekit-batched" in verdict.measured


def test_five_hundred_must_be_no_dearer_than_ten() -> None:
    assert judged(cost("video-10", "hoichan", 2), cost("video-500", "hoichan", 1.8))["growth"].word == "met"
    assert judged(cost("video-10", "hoichan", 2), cost("video-500", "hoichan", 2.2))["growth"].word == "missed by 10%"


def test_the_delay_is_read_where_the_server_is_seventy_percent_busy() -> None:
    steps = [step("hoichan", 10, busy=0.6, packets=1, p99=0.4), step("hoichan", 20, busy=0.8, packets=2, p99=1.2)]
    verdict = judged(*steps)["delay"]
    assert verdict.measured == "0.80 ms"
    assert verdict.word == "met"


def test_a_delay_that_was_never_seen_at_seventy_percent_decides_nothing_unless_it_is_too_long_already() -> None:
    short = judged(step("hoichan", 10, busy=0.4, packets=1, p99=0.4))["delay"]
    assert (short.measured, short.word) == ("0.40 ms at 40%, the nearest step", "not measured")
    assert judged(step("hoichan", 10, busy=0.4, packets=1, p99=3))["delay"].word == "missed by 200%"


@pytest.mark.parametrize(
    ("times", "word"), [([400.0] * 19 + [9000.0], "met"), ([400.0] * 9 + [750.0], "missed by 50%")]
)
def test_nineteen_of_twenty_browsers_must_show_a_picture_in_time(times: list[float | None], word: str) -> None:
    shown = run("browser-10", "hoichan") | {"result": distribution([*times, None])}
    assert judged(shown)["chromium"].word == word
    assert figures_of(shown["result"])["joined"] == len(times)


def test_a_browser_that_never_joined_has_no_time() -> None:
    nobody = distribution([None, None])
    assert (nobody["participants"], nobody["first_frame_ms"]) == ({"wanted": 2, "joined": 0}, {"all": []})


@pytest.mark.parametrize(("kib", "word"), [(100 * 200, "met"), (150 * 200, "missed by 50%")])
def test_memory_is_the_difference_of_two_sizes(kib: int, word: str) -> None:
    few = run("idle-10", "hoichan", server__rss_kib_end=80_000)
    many = run("idle-210", "hoichan", server__rss_kib_end=80_000 + kib)
    assert judged(few, many)["idle"].word == word


def threads(*, python: float, media: float) -> Mapping[str, Any]:
    seconds = {"python": python, "hoichan-media-0": media / 2, "hoichan-media-1": media / 2}
    return run("meeting", "hoichan", server__thread_seconds=seconds)


def test_a_delay_among_losses_is_not_that_of_a_server_at_work() -> None:
    steps = [
        step("hoichan", 10, busy=0.6, packets=1, p99=0.4),
        step("hoichan", 20, busy=0.8, packets=2, p99=90, lost=0.1),
    ]
    assert judged(*steps)["delay"].measured == "0.40 ms at 60%, the nearest step"


def test_pythons_share_is_that_of_the_fifty_party_room() -> None:
    assert judged(threads(python=1, media=49))["python"].word == "met"
    assert judged(threads(python=3, media=47))["python"].word == "missed by 100%"


def test_every_target_has_a_name_of_its_own() -> None:
    names = [target.name for target in TARGETS]
    assert len(set(names)) == len(names)
