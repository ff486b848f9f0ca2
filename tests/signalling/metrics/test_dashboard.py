"""The dashboard and the alarms speak of what is exported, and of all of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from signalling.metrics import process
from tests.house.sources import ROOT
from tests.signalling.metrics.figures import busy, report

DASHBOARD = json.loads((ROOT / "config/dashboards/hoichan.json").read_text(encoding="utf-8"))
ALARMS = (ROOT / "config/prometheus/alarms.yml").read_text(encoding="utf-8")
NAME = re.compile(r"\b((?:hoichan|process|python)_[a-z_]+)\b")
EXPRESSION = re.compile(r"^\s*expr: (.+)$", re.MULTILINE)
HISTOGRAM_PARTS = re.compile(r"_(bucket|count|sum)$")


@pytest.fixture(scope="module")
def exported() -> set[str]:
    """The names of all samples."""
    exporter = busy()
    exporter.media([report(round_trip_time_ms=1.0, available_outgoing_bitrate_bps=1)])
    exporter.lag(0.001)
    text = exporter.text().decode() + process.text().decode()
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}


def panels() -> list[Any]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def named(expressions: list[str]) -> set[str]:
    return {name for expression in expressions for name in NAME.findall(expression)}


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_every_metric_of_the_dashboard_is_exported(exported: set[str]) -> None:
    assert named(queries()) - exported == set()


def test_every_metric_that_is_exported_is_on_the_dashboard(exported: set[str]) -> None:
    ours = {HISTOGRAM_PARTS.sub("", name) for name in exported if name.startswith("hoichan_")}
    shown = {HISTOGRAM_PARTS.sub("", name) for name in named(queries())}
    assert {name for name in ours - shown if not name.endswith("_created")} == set()


def test_every_alarm_is_about_something_that_is_exported(exported: set[str]) -> None:
    expressions = EXPRESSION.findall(ALARMS)
    assert len(expressions) == ALARMS.count("alert:") > 5
    assert named(expressions) - exported == set()


def test_every_alarm_is_explained_to_whoever_it_wakes() -> None:
    explained = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    names = re.findall(r"alert: (\w+)", ALARMS)
    assert [name for name in names if f"`{name}`" not in explained] == []


def test_panels_have_plain_titles_and_do_not_overlap() -> None:
    titles = [panel["title"] for panel in panels()]
    assert len(titles) == len(set(titles)) > 30
    assert all(title[0].isupper() and "_" not in title for title in titles)
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
