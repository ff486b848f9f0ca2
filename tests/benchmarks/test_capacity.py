"""What one core carries."""

from benchmarks.capacity import capacity
from benchmarks.figures import summarise
from tests.benchmarks.runs import cost, step


def test_a_ladder_that_ends_in_loss_tells_how_many_one_core_carries() -> None:
    steps = [
        step("livekit", 20, busy=0.5, packets=17_000),
        step("livekit", 40, busy=0.9, packets=34_000),
        step("livekit", 60, busy=1.0, packets=35_000, lost=0.3),
    ]
    found = capacity(summarise(steps), "livekit")
    assert found is not None
    assert found.consumers == 40 * 5
    assert found.packets_at_busy == 17_000 + 17_000 * 0.75
    assert not found.bounded


def test_a_ladder_that_ends_before_the_server_gives_only_a_lower_bound() -> None:
    found = capacity(summarise([step("hoichan", 160, busy=0.3, packets=136_000)]), "hoichan")
    assert found is not None
    assert (found.consumers, found.packets_at_busy, found.bounded) == (800, None, True)


def test_who_stood_on_no_step_has_no_capacity() -> None:
    assert capacity(summarise([cost("video-50", "janus", 9)]), "janus") is None
