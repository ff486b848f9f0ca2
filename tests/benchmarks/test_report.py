"""The page that is written from a record."""

from pathlib import Path
from typing import Any

from benchmarks.figures import summarise
from benchmarks.report import explanations, markdown, page_of, write
from benchmarks.table import Table
from benchmarks.targets import TARGETS
from tests.benchmarks.runs import cost, failure, floor, run, step

RUNS = [
    floor("video-50", 1.0),
    cost("video-50", "hoichan", 2.0),
    cost("video-50", "hoichan", 2.2, 1),
    failure("video-50", "galene", "galene does not answer"),
    step("hoichan", 20, busy=0.5, packets=10_000),
    step("hoichan", 40, busy=0.9, packets=20_000),
]


def document(*runs: dict[str, Any]) -> dict[str, Any]:
    return {
        "begun": "2026-11-23T20:00:00+00:00",
        "command": "python -m benchmarks --profile quick",
        "machine": {"cpu": "a fast one"},
        "peers": {
            "hoichan": {"version": "0.1.0", "settings": "as it comes"},
            "janus": {"absent": "it is not installed", "settings": "one loop"},
        },
        "runs": list(runs),
    }


def page(*runs: dict[str, Any], why: dict[str, str] | None = None) -> str:
    content = document(*runs)
    return page_of(content, summarise(content["runs"]), ["performance-cost"], why or {})


def test_the_page_says_where_its_figures_come_from() -> None:
    text = page(*RUNS)
    assert "Measured on 2026-11-23 with `python -m benchmarks --profile quick`" in text
    assert "- cpu: a fast one" in text
    assert "![performance-cost](images/performance-cost.svg)" in text


def test_a_missed_target_is_named_with_the_figure_and_the_reason() -> None:
    text = page(*RUNS, why={"limit": "the kernel was busy elsewhere."})
    assert "| ≤ 1.35 × limit | 2.10 µs / 1.00 µs (limit) = 2.10 | missed by 56% |" in text
    assert "**CPU per forwarded packet, 1 × 720p → 50, ≤ 1.35 × limit** (missed by 56%): the kernel was busy" in text


def test_a_missed_target_that_nobody_has_explained_says_so() -> None:
    assert "(missed by 56%): not explained yet." in page(*RUNS)


def test_who_is_left_out_and_what_failed_is_told() -> None:
    text = page(*RUNS)
    assert "| Janus | left out: it is not installed | one loop |" in text
    assert "- Galene, video-50: galene does not answer" in text


def test_a_run_in_which_somebody_did_not_join_is_told() -> None:
    text = page(run("video-50", "janus", participants__joined=49, participants__wanted=51))
    assert "Janus, video-50: 49 of 51 joined" in text


def test_a_disturbed_run_warns_on_the_page() -> None:
    assert "**Disturbed:**" in page(run("video-50", "hoichan", client__disturbed=0.2))
    assert "**Disturbed:**" not in page(run("video-50", "hoichan", client__disturbed=0.001))


def test_a_table_becomes_markdown() -> None:
    table = Table("", ("", "µs"), (("Hoichan", "1.50"), ("LiveKit", "–")))
    assert markdown(table) == "|  | µs |\n| --- | --- |\n| Hoichan | 1.50 |\n| LiveKit | – |"


def test_page_record_and_pictures_are_written_beside_each_other(tmp_path: Path) -> None:
    write(document(*RUNS), tmp_path)
    assert (tmp_path / "performance.md").read_text().startswith("# Performance")
    assert (tmp_path / "performance.json").exists()
    for name in ("performance-load", "performance-delay"):
        assert (tmp_path / "images" / f"{name}.svg").stat().st_size > 1000
        assert (tmp_path / "images" / f"{name}.png").stat().st_size > 1000


def test_explanations_are_of_targets_that_exist() -> None:
    assert explanations().keys() <= {target.name for target in TARGETS}
