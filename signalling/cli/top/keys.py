"""Keys as they are pressed, without waiting for Enter."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator

from signalling.cli.top.state import Key

_KEYS = {
    b"\x1b[C": Key.NEXT_ROOM,
    b"l": Key.NEXT_ROOM,
    b"\x1b[D": Key.PREVIOUS_ROOM,
    b"h": Key.PREVIOUS_ROOM,
    b"\x1b[B": Key.DOWN,
    b"j": Key.DOWN,
    b"\x1b[A": Key.UP,
    b"k": Key.UP,
    b"q": Key.QUIT,
}
_PRESSED = re.compile(rb"\x1b\[[A-Z]|.", re.DOTALL)
_MOST_BYTES = 1024


def keys_in(typed: bytes) -> list[Key]:
    """Those that mean something; whoever types fast has several read at once."""
    return [_KEYS[pressed] for pressed in _PRESSED.findall(typed) if pressed in _KEYS]


@contextlib.contextmanager
def pressed(on_key: Callable[[Key], None]) -> Iterator[None]:
    """Call `on_key` for every key that means something, for as long as the context lasts. Needs a terminal."""
    terminal = sys.stdin.fileno()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for key in keys_in(os.read(terminal, _MOST_BYTES)):
            on_key(key)

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    loop.add_reader(terminal, read)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
