"""`hoichan serve`."""

from __future__ import annotations

import resource
from typing import Annotated

import typer
from rich.console import Console

from signalling.cli.failure import ExitCode, Failure
from signalling.cli.options import ConfigFile, Dev, Settings, loaded
from signalling.config import Config


def serve(
    dev: Dev = False,
    config: ConfigFile = None,
    settings: Settings = None,
    port: Annotated[int | None, typer.Option(help="Short for --set http.port=…")] = None,
) -> None:
    """Run the server until it is told to stop (Ctrl-C, or SIGTERM). Everybody in a room is then told."""
    flags = [*(settings or []), *([f"http.port={port}"] if port is not None else [])]
    _run(loaded(dev=dev, file=config, settings=flags).config)


def _run(config: Config) -> None:
    # Here, because the other commands need neither the core nor a web server to start fast.
    import uvloop

    from signalling import app, logs

    logs.set_up(config.log)
    _lift_file_limit()
    try:
        uvloop.run(app.serve(config, ready=lambda url: _greet(url, dev=config.dev)))
    except OSError as error:
        raise Failure(ExitCode.WORLD, f"The server cannot start: {error}") from error


def _lift_file_limit() -> None:
    """Each person holds a socket or two; the usual soft limit of 1024 files is for programs that use select()."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _greet(url: str, *, dev: bool) -> None:
    """`url` is where the start page is."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Hoichan is running on [bold]{url}[/bold]")
    if dev:
        console.print("Open it in two browser tabs, enter the same room in both, and you see and hear yourself twice.")
