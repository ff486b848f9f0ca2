"""The emulated link does what it says: what is measured over it is worth as much as this."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.links.link import Burst, Conditions, Fade, Link

SIZE = 1200


def steady(link: Link, packets: int, every: float) -> list[float | None]:
    return [link.send(number * every, SIZE) for number in range(packets)]


def test_no_more_gets_through_than_the_rate() -> None:
    link = Link(Conditions(rate=300_000, buffer=1.0))
    arrivals = [at for at in steady(link, 1000, 0.01) if at is not None]
    seconds = arrivals[-1] - arrivals[0]
    assert (len(arrivals) - 1) * SIZE * 8 / seconds <= 300_001
    assert len(arrivals) * SIZE * 8 >= 300_000 * 10, "nor less, while the buffer is never empty"


def test_a_full_buffer_makes_packets_wait_and_then_drops_them() -> None:
    link = Link(Conditions(rate=300_000, buffer=1.0))
    arrivals = steady(link, 200, 0.0)
    waited = [at for at in arrivals if at is not None]
    assert arrivals[-1] is None
    assert 1.0 <= waited[-1] <= 1.0 + 2 * SIZE * 8 / 300_000


def test_random_loss_comes_at_its_rate() -> None:
    link = Link(Conditions(loss=0.1), seed=1)
    steady(link, 20_000, 0.001)
    assert 0.09 < link.lost / 20_000 < 0.11


def test_bursts_come_at_their_share_and_length() -> None:
    link = Link(Conditions(burst=Burst(share=0.03, packets=4)), seed=1)
    lost = [at is None for at in steady(link, 100_000, 0.001)]
    bursts = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert 0.02 < sum(lost) / len(lost) < 0.04
    assert 3 < sum(lost) / bursts < 5


def test_a_fade_comes_and_goes() -> None:
    link = Link(Conditions(fade=Fade(period=20, length=2)))
    lost = [at is None for at in steady(link, 400, 0.1)]
    assert sum(lost) == 40
    assert not lost[25]


@given(st.floats(0, 0.5), st.integers(0, 2**32), st.lists(st.floats(0, 0.2), max_size=50))
def test_nothing_overtakes_and_nothing_arrives_before_its_time(jitter: float, seed: int, gaps: list[float]) -> None:
    link = Link(Conditions(rate=1e6, delay=0.05, jitter=jitter), seed)
    now, last = 0.0, 0.0
    for gap in gaps:
        now += gap
        arrival = link.send(now, SIZE)
        if arrival is not None:
            assert arrival >= max(last, now + 0.05)
            last = arrival


def test_the_same_seed_loses_the_same_packets() -> None:
    one, other = (Link(Conditions(loss=0.2), seed=7) for _ in range(2))
    assert steady(one, 100, 0.01) == steady(other, 100, 0.01)
