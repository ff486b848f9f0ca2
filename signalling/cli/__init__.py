"""The `hoichan` command. Each command is a thin face: it reads options, calls one part of the server, prints."""

from __future__ import annotations

import sys

import typer

from signalling.cli import bench, config, rooms, token
from signalling.cli.failure import EXIT_CODES, Failure
from signalling.cli.serve import serve
from signalling.cli.top.command import top
from signalling.cli.version import version

app = typer.Typer(
    name="hoichan",
    help="Hoichan (hội chẩn): video case conferences between hospitals.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(top)
app.command()(version)
app.command(context_settings=bench.FORWARDED)(bench.bench)
app.add_typer(token.commands, name="token")
app.add_typer(rooms.commands, name="rooms")
app.add_typer(config.commands, name="config")


def main() -> None:
    """Entry point. What cannot be done is told in plain sentences; a traceback always means a fault of ours."""
    try:
        app()
    except Failure as failure:
        for sentence in failure.sentences:
            typer.echo(sentence, err=True)
        sys.exit(failure.code)
