"""docs/performance.md, written from a record: no figure in it was typed by anybody."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

from benchmarks.figures import Summary, summarise
from benchmarks.plot import draw_all
from benchmarks.table import NAMES, Table, all_tables, links
from benchmarks.targets import verdicts

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PREFIX = "performance-"
DISTURBED = 0.02
"""The share of the time for which other work held the clients' core: above it, delays and joins say nothing."""

Document = Mapping[str, Any]


def write(document: Document, docs: Path = DOCS) -> list[Path]:
    """Writes the page, its pictures and the record itself below `docs`; returns what was written."""
    summary = summarise(document["runs"])
    names = draw_all(summary, docs / "images", PREFIX)
    page, raw = docs / "performance.md", docs / "performance.json"
    page.write_text(page_of(document, summary, names, explanations()))
    raw.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    return [page, raw, *(docs / "images" / f"{name}.svg" for name in names)]


def commits(document: Document) -> dict[str, str]:
    """What was measured: with more than one, each case and peer is of one alone."""
    found = dict.fromkeys(run["commit"] for run in document["runs"])
    return {"commit": ", ".join(found)} if found else {}


def explanations() -> dict[str, str]:
    """Why a target is missed, as somebody found out; by the target's name."""
    found: dict[str, str] = tomllib.loads((HERE / "explanations.toml").read_text())
    return found


def page_of(document: Document, summary: Summary, pictures: Iterable[str], why: Mapping[str, str]) -> str:
    template = Template((HERE / "performance.md.template").read_text())
    return template.substitute(
        date=document["begun"][:10],
        command=document["command"],
        rounds=max((run["round"] + 1 for run in document["runs"]), default=0),
        machine="\n".join(f"- {name}: {value}" for name, value in (document["machine"] | commits(document)).items()),
        warning=_warning(summary),
        targets=_targets(summary, why),
        pictures="\n".join(f"![{name}](images/{name}.svg)" for name in pictures),
        tables="\n\n".join(f"### {table.title}\n\n{markdown(table)}" for table in all_tables(summary)),
        links=_links(document.get("links", {})),
        peers=_peers(document["peers"]),
        failures=_failures(summary),
    )


def markdown(table: Table) -> str:
    rows = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _targets(summary: Summary, why: Mapping[str, str]) -> str:
    judged = verdicts(summary)
    rows = tuple((target.figure, target.aim, verdict.measured, verdict.word) for target, verdict in judged)
    reasons = [
        f"- **{target.figure}, {target.aim}** ({verdict.word}): {why.get(target.name, 'not explained yet.')}"
        for target, verdict in judged
        if (verdict.of_aim is None and target.name in why) or (verdict.of_aim or 0) > 1
    ]
    return "\n".join([markdown(Table("", ("figure", "target", "measured", ""), rows)), "", *reasons])


def _links(found: Mapping[str, Any]) -> str:
    table = links(found)
    return markdown(table) if table else "Not measured in this run: `python -m benchmarks links`."


def _peers(peers: Mapping[str, Mapping[str, str]]) -> str:
    rows = [
        (NAMES[name], about.get("version", f"left out: {about.get('absent')}"), about["settings"])
        for name, about in peers.items()
    ]
    return markdown(Table("", ("peer", "version", "settings"), tuple(rows)))


def _warning(summary: Summary) -> str:
    disturbed = {case for (case, _), found in summary.figures.items() if _is_disturbed(found)}
    if not disturbed:
        return ""
    return f"\n**Disturbed:** other work held the clients' core during {', '.join(sorted(disturbed))}: measure again.\n"


def _is_disturbed(found: Mapping[str, Any]) -> bool:
    return "disturbed" in found and found["disturbed"].median > DISTURBED


def _failures(summary: Summary) -> str:
    lines = [
        f"- {NAMES[peer]}, {case}: {reason}"
        for (case, peer), found in summary.failures.items()
        for reason in set(found)
    ]
    return "\n".join([*lines, *_incomplete(summary)]) or "None."


def _incomplete(summary: Summary) -> Iterator[str]:
    """Where the load client measured, but not everybody took part."""
    pairs = (("joined", "wanted", "joined"), ("tracks_with_media", "tracks_expected", "tracks brought media"))
    for (case, peer), found in summary.figures.items():
        for part, whole, did in pairs:
            if {part, whole} <= found.keys() and found[part].median < found[whole].median:
                yield f"- {NAMES[peer]}, {case}: {found[part].median:.0f} of {found[whole].median:.0f} {did}."
