"""`hoichan token`: the passes that let somebody into a room."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

from signalling.auth.claims import ClaimError, Claims
from signalling.auth.grants import read_grants, write_claims
from signalling.auth.tokens import DEFAULT_TTL, TokenAuthority
from signalling.cli.options import ConfigFile, Dev, Json, Settings, loaded
from signalling.config import Config

commands = typer.Typer(no_args_is_help=True, help="Make access tokens.")

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_TTL = timedelta(days=365)
FLAGS = (
    "roomJoin",
    "roomCreate",
    "roomList",
    "roomAdmin",
    "canPublish",
    "canSubscribe",
    "canPublishData",
    "canUpdateOwnMetadata",
    "canSubscribeMetrics",
    "hidden",
    "recorder",
    "agent",
)
LISTS = ("canPublishSources",)


@commands.callback()
def token() -> None:
    """Make access tokens."""


@commands.command()
def create(
    room: Annotated[str, typer.Option("--room", metavar="R", help="The room that the token opens.")],
    identity: Annotated[str, typer.Option("--identity", metavar="I", help="Who the bearer is, unique in the room.")],
    name: Annotated[str, typer.Option("--name", help="What others see; the identity if left out.")] = "",
    grant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=VALUE]", help="As canPublish=false, roomAdmin, canPublishSources=camera,microphone."
        ),
    ] = None,
    ttl: Annotated[str, typer.Option(metavar="TIME", help="How long it is good for: 90s, 30m, 6h, 7d.")] = "6h",
    metadata: Annotated[str, typer.Option(help="Free text that others in the room can read.")] = "",
    link: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Print an address to open in a browser instead; URL is the server's."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="Which API key signs; without it, the first.")] = None,
    dev: Dev = False,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Make a token with which one person can join one room. Whoever has it can, so hand it over as you would a key."""
    lifetime = _lifetime(ttl)
    claims = {
        "sub": _named(identity, "--identity"),
        "name": name,
        "metadata": metadata,
        "video": {"roomJoin": True, "room": _named(room, "--room"), **_granted(grant or [])},
    }
    made = minted(loaded(dev=dev, file=config, settings=settings).config, claims, lifetime, key)
    if as_json:
        seconds = int(lifetime.total_seconds())
        typer.echo(json.dumps({"token": made, "room": room, "identity": identity, "ttl_seconds": seconds}))
    else:
        # In the fragment, which browsers send to no server and so stays out of every access log.
        typer.echo(f"{_server(link)}/#token={made}" if link else made)


def minted(config: Config, claims: Mapping[str, object], ttl: timedelta = DEFAULT_TTL, key: str | None = None) -> str:
    """A token with LiveKit's `claims`. Raises typer.BadParameter when they or `key` are wrong."""
    keys = config.auth.api_keys
    if key is not None and key not in keys:
        raise typer.BadParameter(f"{key} is none of the configured API keys.", param_hint="--key")
    try:
        checked = write_claims(read_grants(Claims(claims)))
    except ClaimError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--grant") from error
    return TokenAuthority(keys).mint(key or next(iter(keys)), checked, ttl)


def _granted(grants: list[str]) -> dict[str, object]:
    return dict(_grant(*text.partition("=")) for text in grants)


def _grant(name: str, equals: str, value: str) -> tuple[str, object]:
    if name in LISTS:
        return name, [part.strip() for part in value.split(",") if part.strip()]
    if name not in FLAGS:
        close = difflib.get_close_matches(name, [*FLAGS, *LISTS], n=1)
        hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join([*FLAGS, *LISTS])}."
        raise typer.BadParameter(f"{name} is no grant; {hint}", param_hint="--grant")
    if value not in {"", "true", "false"} or (equals and not value):
        raise typer.BadParameter(f"{name} is true or false, not {value!r}.", param_hint="--grant")
    return name, value != "false"


def _lifetime(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    lifetime = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None
    if lifetime is None or lifetime > LONGEST_TTL:
        raise typer.BadParameter("expected a time such as 90s, 30m, 6h or 7d, at most 365d.", param_hint="--ttl")
    return lifetime


def _named(text: str, option: str) -> str:
    if not text.strip():
        raise typer.BadParameter("must not be empty.", param_hint=option)
    return text


def _server(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise typer.BadParameter("expected the server's http:// or https:// address.", param_hint="--link")
    return url.rstrip("/")
