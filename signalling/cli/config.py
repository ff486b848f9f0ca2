"""`hoichan config`: is it right, what is in force, and who said so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

import typer
from rich.console import Console
from rich.table import Table

from signalling.cli.options import ConfigFile, Dev, Json, Settings, loaded
from signalling.config import Config, Loaded
from signalling.config.schema import TABLES

commands = typer.Typer(no_args_is_help=True, help="Look at the configuration.")

MASK = "********"


@commands.command()
def check(dev: Dev = False, config: ConfigFile = None, settings: Settings = None) -> None:
    """Say whether the server would start with this configuration. Binds nothing."""
    keys = len(loaded(dev=dev, file=config, settings=settings).config.auth.api_keys)
    typer.echo(f"The configuration is good; {keys} API key{'s' if keys > 1 else ''}.")


@commands.command()
def show(dev: Dev = False, config: ConfigFile = None, settings: Settings = None, as_json: Json = False) -> None:
    """Print every key with its value and where it came from. Secrets are never shown."""
    result = loaded(dev=dev, file=config, settings=settings)
    rows = list(_rows(result))
    if as_json:
        typer.echo(json.dumps({key: {"value": value, "source": source} for key, value, source in rows}, indent=2))
        return
    table = Table("key", "value", "from", box=None, pad_edge=False)
    for key, value, source in rows:
        table.add_row(key, json.dumps(value, ensure_ascii=False), source)
    Console().print(table)


def _rows(result: Loaded) -> Iterator[tuple[str, object, str]]:
    for table, kind in TABLES.items():
        for each in fields(kind):
            key = f"{table}.{each.name}"
            yield key, _shown(result.config, table, each.name), result.sources[key]


def _shown(config: Config, table: str, name: str) -> object:
    value: object = getattr(getattr(config, table), name)
    if value is config.auth.api_keys:
        return dict.fromkeys(config.auth.api_keys, MASK)
    return list(value) if isinstance(value, tuple) else value
