"""The line grammar of SDP (RFC 8866 §9), bounded: text to blocks of attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from signalling.client.sdp.description import SdpError

MAX_CHARACTERS = 256 * 1024
"""Chrome's fullest video section takes about 4 KiB; a call of a hundred tracks fits in here twice."""

MAX_SECTIONS = 200
MAX_LINE = 4096

TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
_NUMBER = re.compile(r"[0-9]{1,10}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE = re.compile(r"([a-z])=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """The session level (`head` is empty) or one m-section (`head` is the value of its m= line).

    `attributes` maps a name to the values of its a= lines in order; a flag has the value "".
    """

    head: str
    attributes: Mapping[str, list[str]]

    def values(self, name: str) -> tuple[str, ...]:
        """All values of `name`, none if it does not occur."""
        return tuple(self.attributes.get(name, ()))

    def value(self, name: str) -> str | None:
        """The first value of `name`."""
        return next(iter(self.values(name)), None)


def blocks(text: str) -> tuple[Block, tuple[Block, ...]]:
    """The session block and the m-section blocks of `text`. Raises `SdpError`."""
    if len(text) > MAX_CHARACTERS:
        raise SdpError(f"The session description is longer than {MAX_CHARACTERS} characters.")
    sections: list[Block] = []
    current: dict[str, list[str]] = {}
    session = Block("", current)
    for letter, value in _lines(text):
        if letter == "m":
            current = {}
            sections.append(Block(value, current))
        elif letter == "a":
            name, _, argument = value.partition(":")
            current.setdefault(name, []).append(argument.strip())
    if len(sections) > MAX_SECTIONS:
        raise SdpError(f"The session description has more than {MAX_SECTIONS} m-sections.")
    return session, tuple(sections)


def number(text: str, what: str, *, low: int, high: int) -> int:
    """A decimal number of SDP between `low` and `high`. `what` names it in the `SdpError`."""
    if not (_NUMBER.fullmatch(text) and low <= int(text) <= high):
        raise SdpError(f"{what} is {text[:40]!r}, expected a number from {low} to {high}.")
    return int(text)


def token(text: str, what: str, *, longest: int) -> str:
    """An SDP token of at most `longest` characters. `what` names it in the `SdpError`."""
    if len(text) > longest or not TOKEN.fullmatch(text):
        raise SdpError(f"{what} is {text[:40]!r}, expected a token of at most {longest} characters.")
    return text


def _lines(text: str) -> list[tuple[str, str]]:
    """The lines as (letter, value). Ends in CRLF or LF; other line separators of Unicode are plain text."""
    text = text.replace("\r\n", "\n").rstrip("\n")
    if _CONTROL.search(text):
        raise SdpError("The session description contains control characters.")
    lines = []
    for line in text.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or len(line) > MAX_LINE:
            raise SdpError(f"Line {line[:40]!r} is no line of a session description.")
        lines.append((match[1], match[2]))
    if lines[0] != ("v", "0"):
        raise SdpError("A session description begins with v=0.")
    return lines
