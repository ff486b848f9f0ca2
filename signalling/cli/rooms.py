"""`hoichan rooms`: who is where, and the end of a room, through the same API that everybody else uses."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from livekit.protocol import models
from rich.console import Console
from rich.table import Table

from signalling.cli.failure import ExitCode, Failure
from signalling.cli.options import ConfigFile, Dev, Json, Settings, loaded, own_url
from signalling.cli.room_service import RoomService
from signalling.cli.token import minted

commands = typer.Typer(no_args_is_help=True, help="Look at the rooms of a running server, or close one.")

Url = Annotated[
    str | None, typer.Option("--url", help="The server's address; without it, the one in the configuration.")
]
Name = Annotated[str, typer.Argument(metavar="ROOM")]


@commands.command("list")
def list_rooms(
    url: Url = None, dev: Dev = False, config: ConfigFile = None, settings: Settings = None, as_json: Json = False
) -> None:
    """List the rooms that are open now."""
    rooms = asyncio.run(_service(url, dev, config, settings).list_rooms()).rooms
    if as_json:
        typer.echo(json.dumps([MessageToDict(room) for room in rooms], indent=2))
        return
    table = Table("room", "people", "publishing", "open since", box=None, pad_edge=False)
    for room in rooms:
        table.add_row(room.name, str(room.num_participants), str(room.num_publishers), _time(room.creation_time))
    Console().print(table if rooms else "No room is open.")


@commands.command()
def show(
    room: Name,
    url: Url = None,
    dev: Dev = False,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Show who is in ROOM and what they publish."""
    service = _service(url, dev, config, settings)
    found = asyncio.run(service.list_rooms(room)).rooms
    if not found:
        raise Failure(ExitCode.NOT_FOUND, f"No room called {room} is open.")
    people = asyncio.run(service.list_participants(room)).participants
    if as_json:
        content = {"room": MessageToDict(found[0]), "participants": [MessageToDict(each) for each in people]}
        typer.echo(json.dumps(content, indent=2))
        return
    table = Table("identity", "name", "joined", "publishes", box=None, pad_edge=False)
    for person in people:
        table.add_row(person.identity, person.name, _time(person.joined_at), _tracks(person))
    Console().print(table if people else f"Nobody is in {room}.")


@commands.command()
def close(
    room: Name,
    url: Url = None,
    dev: Dev = False,
    config: ConfigFile = None,
    settings: Settings = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Close ROOM: everybody in it is told, and leaves."""
    service = _service(url, dev, config, settings)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Close {room} for everybody in it?", abort=True)
    asyncio.run(service.delete_room(room))
    typer.echo(f"{room} is closed.")


def _service(url: str | None, dev: bool, file: Path | None, settings: list[str] | None) -> RoomService:
    config = loaded(dev=dev, file=file, settings=settings).config

    def mint(grant: Mapping[str, object]) -> str:
        return minted(config, {"video": grant})

    return RoomService(url or own_url(config), mint)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _tracks(person: models.ParticipantInfo) -> str:
    names = [
        models.TrackSource.Name(track.source).lower() + (" (muted)" if track.muted else "") for track in person.tracks
    ]
    return ", ".join(names)
