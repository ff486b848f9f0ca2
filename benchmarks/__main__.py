"""The benchmark suite: `python -m benchmarks`, `make bench` and `hoichan bench` are the same.

It starts each server in turn on the first core, drives all of them with the same load from the second, and writes a
table, plots and the raw figures.
"""

from __future__ import annotations

import json
import resource
import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Drawn

from benchmarks import machine, report
from benchmarks.cases import PROFILES, Profile
from benchmarks.figures import Summary, figures_of, summarise
from benchmarks.peers import PEERS
from benchmarks.plot import draw_all
from benchmarks.processes import without_places
from benchmarks.programs import Programs
from benchmarks.runner import Outcome, Record, Turn, measured, prepare, run, turns
from benchmarks.table import Table, all_tables
from benchmarks.table import links as drawn_links
from benchmarks.targets import verdicts

OUTPUT = Path(__file__).parents[1] / "build" / "benchmarks"
RECORD = "record.json"


def _add_links(record: Record) -> None:
    from benchmarks.links import measure_links  # Only here, since it needs what the end-to-end tests need.

    console.print("[dim]calls over a link that changes[/dim]")
    record.about["links"] = measure_links()
    record.save()
    if table := drawn_links(record.about["links"]):
        console.print(_drawn(table))


def _add_browser(record: Record) -> None:
    from benchmarks.browser import measure_browser  # As above.

    console.print("[dim]first pictures in Chromium[/dim]")
    for case, peer, outcome in measure_browser(Programs.built()):
        record.add(case, peer, 0, outcome)


AFTERWARDS: dict[str, Callable[[Record], None]] = {"browser": _add_browser, "links": _add_links}
"""What is measured without the load client."""

app = typer.Typer(
    help=(__doc__ or "").partition("\n")[0], add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
console = Console(highlight=False)

Names = Annotated[str, typer.Option(metavar="NAME,…", help="Only these; all without it.")]
Output = Annotated[Path, typer.Option(help="The folder for figures and plots.")]


@app.callback(invoke_without_command=True)
def measure(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    context: typer.Context,
    profile: Annotated[str, typer.Option(help=f"How much: {' or '.join(PROFILES)}.")] = "quick",
    peers: Names = "",
    cases: Names = "",
    rounds: Annotated[int | None, typer.Option(help="How often, instead of what the profile says.")] = None,
    seconds: Annotated[int | None, typer.Option(help="How long each time, instead of what the profile says.")] = None,
    output: Output = OUTPUT,
    also: Annotated[str, typer.Option(metavar="NAME,…", help=f"And afterwards: {', '.join(AFTERWARDS)}.")] = "",
    add: Annotated[bool, typer.Option("--add", help="Join the last record instead of beginning another.")] = False,
) -> None:
    """Measure. `quick` takes about 22 minutes after the first time, `full` more than two hours."""
    if context.invoked_subcommand is not None:
        return
    chosen = _profile(profile).only(_names(cases), _names(peers)).taking(rounds, seconds)
    if not chosen.cases:
        raise typer.BadParameter(f"no such case or peer; peers are {', '.join(PEERS)}")
    _lift_file_limit()
    if unknown := _names(also) - AFTERWARDS.keys():
        raise typer.BadParameter(f"expected {', '.join(AFTERWARDS)}, and not {', '.join(unknown)}", param_hint="--also")
    record = _measure(chosen, output / RECORD, add=add)
    for name in sorted(_names(also)):
        AFTERWARDS[name](record)
    summary = summarise(record.runs)
    draw_all(summary, output)
    _show(summary)
    console.print(f"\nWritten: {record.path}, and plots beside it. For the document: python -m benchmarks report")


@app.command()
def peers() -> None:
    """Build or install every peer, and say which can be measured here."""
    everybody = Profile("", tuple(case for profile in PROFILES.values() for case in profile.cases))
    for name, about in prepare(everybody, lambda text: console.print(f"[dim]{text}[/dim]")).items():
        console.print(f"{name}: {about.get('version') or 'left out: ' + about['absent']}")


@app.command()
def links(output: Output = OUTPUT) -> None:
    """Measure one call over a link that changes, on Hoichan and on LiveKit: 6 minutes, as root. Joins the record."""
    _add_links(_last_record(output, "links"))


@app.command()
def browser(output: Output = OUTPUT) -> None:
    """Measure the first picture in Chromium, on Hoichan and on LiveKit: 2 minutes. Joins the record."""
    record = _last_record(output, "browser")
    _add_browser(record)
    _show(summarise(record.runs))


@app.command("report")
def write_report(record: Annotated[Path, typer.Option(help="What a run has written.")] = OUTPUT / RECORD) -> None:
    """Write docs/performance.md and its pictures from the last run."""
    if not record.exists():
        raise typer.BadParameter(f"{record} does not exist; measure first")
    for path in report.write(json.loads(record.read_text())):
        console.print(f"Written: {path}")


def _last_record(output: Path, command: str) -> Record:
    return Record.joining(output / RECORD, _about(Profile(command, ()), {}), machine.commit())


def _profile(name: str) -> Profile:
    if name not in PROFILES:
        raise typer.BadParameter(f"expected {' or '.join(PROFILES)}", param_hint="--profile")
    return PROFILES[name]


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _lift_file_limit() -> None:
    """For everything that is started: the usual 1024 files are fewer than there are clients in the largest cases."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _measure(profile: Profile, path: Path, *, add: bool) -> Record:
    found = prepare(profile, lambda text: console.print(f"[dim]{text}[/dim]"))
    for name, about in found.items():
        if "absent" in about:
            console.print(f"[yellow]{name} is left out: {about['absent']}[/yellow]")
    console.print("[dim]building the load client[/dim]")
    programs = Programs.built()
    absent = frozenset(name for name, about in found.items() if "absent" in about)
    todo = list(turns(profile, absent))
    minutes = sum(turn.case.expected_seconds for turn in todo) / 60
    console.print(f"[dim]{len(todo)} measurements, about {minutes:.0f} minutes[/dim]")
    begin = Record.joining if add else Record
    record = begin(path, _about(profile, found), machine.commit())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("measuring", total=len(todo))

        def tell(turn: Turn, outcome: Outcome) -> None:
            progress.console.print(_line(turn, outcome))
            progress.update(task, advance=1, description=f"{turn.case.name}, {turn.peer}")

        run(todo, lambda turn: measured(turn, programs), record, tell)
    return record


def _about(profile: Profile, found: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": without_places(shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])),
        "profile": profile.name,
        "machine": machine.described(),
        "peers": found,
    }


def _line(turn: Turn, outcome: Outcome) -> str:
    where = f"round {turn.round + 1}  {turn.case.name:12} {turn.peer:16}"
    if "failure" in outcome:
        return f"{where} [red]{outcome['failure']}[/red]"
    found = figures_of(outcome["result"])
    shown = {
        "cpu_us": "{:6.2f} µs",
        "busy": "{:5.0%} of the core",
        "lost": "{:.2%} lost",
        "delay_ms_p99": "p99 {:.2f} ms",
    }
    return f"{where} " + ", ".join(form.format(found[name]) for name, form in shown.items() if name in found)


def _show(summary: Summary) -> None:
    for table in all_tables(summary):
        console.print()
        console.print(_drawn(table))
    rows = tuple((each.figure, each.aim, verdict.measured, verdict.word) for each, verdict in verdicts(summary))
    console.print()
    console.print(_drawn(Table("Targets", ("figure", "target", "measured", ""), rows)))


def _drawn(table: Table) -> Drawn:
    drawn = Drawn(*table.columns, title=table.title, title_justify="left", box=None, pad_edge=False)
    for row in table.rows:
        drawn.add_row(*row)
    return drawn


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
