"""What is said about a call over a link that changes."""

from benchmarks.links import Step, figures, settled_after
from benchmarks.report import markdown
from benchmarks.table import links
from tests.links.experience import Experience
from tests.links.network import Sample


def test_a_link_has_settled_when_its_queue_was_too_long_for_the_last_time() -> None:
    assert settled_after([(0.1, 0.5), (2.0, 0.9), (3.0, 0.1), (4.0, 0.31), (5.0, 0.0)]) == 4.0
    assert settled_after([(0.1, 0.05)]) == 0


def test_a_call_on_a_narrow_link_is_told_in_figures() -> None:
    samples = [
        Sample(at=100 + n, offered=0, delivered=30_000 * n, lost=0, queued=0.9 if n < 3 else 0.1) for n in range(21)
    ]
    pictures = [{"at": 100 + n / 2, "height": 180} for n in range(41)]
    lived = Experience(100, 120, pictures, [(101, 880.0)], samples)
    found = figures(lived, Step("narrow", 300_000, 20))
    assert (found["settled_seconds"], found["longest_queue_seconds"], found["steady_queue_seconds"]) == (2, 0.9, 0.1)
    assert (found["used"], found["frozen_seconds"], found["heard"]) == (0.8, 0, 1)
    assert found["full_picture_seconds"] is None


def test_the_table_shows_each_step_of_each_server_and_why_one_is_missing() -> None:
    table = links(
        {
            "hoichan": {"steps": [{"step": "narrow", "used": 0.8, "frozen_seconds": 1.234}]},
            "livekit": {"failure": "network namespaces need root"},
        }
    )
    assert table is not None
    text = markdown(table)
    assert "| Hoichan | narrow | – | – | – | 80% | 1.23 | – | – |" in text
    assert "| LiveKit | not measured: network namespaces need root |" in text


def test_without_a_call_there_is_no_table() -> None:
    assert links({}) is None
