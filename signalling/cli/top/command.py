"""The command: ask, draw, wait; until a key or Ctrl-C ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Annotated

import aiohttp
import typer
from rich.console import Console
from rich.live import Live

from signalling.cli.failure import ExitCode, Failure
from signalling.cli.options import ConfigFile, Dev, Json, Settings, loaded, own_url
from signalling.cli.token import minted
from signalling.cli.top import keys
from signalling.cli.top.client import LiveClient
from signalling.cli.top.picture import picture
from signalling.cli.top.state import Key, Screen

FIRST_INTERVAL_SECONDS = 1.0
"""Rates need two answers."""


def top(
    room: Annotated[
        str, typer.Option("--room", metavar="R", help="Which room to look into; without it, the first.")
    ] = "",
    person: Annotated[
        str, typer.Option("--person", metavar="I", help="An identity whose tracks are listed, however large the room.")
    ] = "",
    interval: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, print, and end.")] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="The server's address; without it, the one in the configuration.")
    ] = None,
    dev: Dev = False,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Watch rooms and people: how their links are, which layer of each track they get, and why."""
    configured = loaded(dev=dev, file=config, settings=settings).config

    def mint(grant: Mapping[str, object]) -> str:
        return minted(configured, {"video": grant})

    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            watch = _Watch(LiveClient(url or own_url(configured), mint, session), room, person)
            if as_json:
                await watch.print_json()
            elif once or not sys.stdout.isatty():
                await watch.print_once()
            else:
                await watch.follow(interval)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


class _Watch:
    def __init__(self, client: LiveClient, room: str, person: str) -> None:
        self._client = client
        self._room = room
        self._person = person
        self._news = asyncio.Event()
        self._done = False

    async def print_json(self) -> None:
        """One look: the node, and the room if one was named."""
        node = await self._client.node()
        looked_into = await self._client.room(self._room, self._person) if self._room else None
        typer.echo(json.dumps({"node": node, "room": looked_into}, indent=2, ensure_ascii=False))

    async def print_once(self) -> None:
        screen = await self._look(Screen(await self._client.node(), room_name=self._room))
        if self._room and screen.room is None:
            raise Failure(ExitCode.NOT_FOUND, f"No room called {self._room} is open.")
        await asyncio.sleep(FIRST_INTERVAL_SECONDS)
        Console(highlight=False).print(picture(await self._look(screen), keys=False))

    async def follow(self, interval: float) -> None:
        """Draw anew after each look and each key."""
        screen = await self._look(Screen(await self._client.node(), room_name=self._room))
        pressed: list[Key] = []

        def on_key(key: Key) -> None:
            pressed.append(key)
            self._news.set()

        with (
            keys.pressed(on_key) if sys.stdin.isatty() else contextlib.nullcontext(),
            Live(picture(screen, keys=True), screen=True, auto_refresh=False, vertical_overflow="crop") as live,
        ):
            while Key.QUIT not in pressed:
                for key in pressed:
                    screen = screen.pressed(key)
                pressed.clear()
                screen = await self._look(screen)
                live.update(picture(screen, keys=True), refresh=True)
                await self._wait(interval)

    async def _look(self, screen: Screen) -> Screen:
        screen = screen.answered(await self._client.node())
        if not screen.room_name:
            return screen
        try:
            return screen.room_answered(await self._client.room(screen.room_name, self._person))
        except Failure as failure:
            if failure.code is not ExitCode.NOT_FOUND:
                raise
            return screen.room_answered(None)

    async def _wait(self, interval: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(interval):
                await self._news.wait()
        self._news.clear()
