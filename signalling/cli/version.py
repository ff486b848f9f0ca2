"""`hoichan version`."""

from __future__ import annotations

import json
import platform
from importlib import metadata

import typer

from signalling.cli.options import Json


def version(as_json: Json = False) -> None:
    """Print the versions of Hoichan, of Python and of the LiveKit protocol it speaks."""
    versions = {
        "hoichan": metadata.version("hoichan"),
        "python": platform.python_version(),
        "livekit-protocol": metadata.version("livekit-protocol"),
    }
    if as_json:
        typer.echo(json.dumps(versions))
    else:
        typer.echo("\n".join(f"{name} {number}" for name, number in versions.items()))
