"""The options that several commands share, and the configuration they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from signalling.cli.failure import ExitCode, Failure
from signalling.config import Config, ConfigError, Loaded, load
from signalling.config.addresses import is_wildcard

Dev = Annotated[
    bool, typer.Option("--dev", help="Try it on this machine: loopback only, and a published development key.")
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="TOML file with your settings (or HOICHAN_CONFIG)."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one key, such as http.port=8080. May be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def loaded(*, dev: bool, file: Path | None, settings: list[str] | None) -> Loaded:
    """Raises Failure with one sentence per key that is wrong."""
    try:
        # The one place that reads the environment; everything below is handed what it needs.
        return load(dev=dev, file=file, environment=os.environ, flags=settings or ())  # noqa: TID251
    except ConfigError as error:
        raise Failure(ExitCode.CONFIGURATION, *error.problems) from error


def own_url(config: Config) -> str:
    """Where the server of this configuration answers on this machine."""
    host = "127.0.0.1" if is_wildcard(config.http.host) else config.http.host
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{config.http.port}"
