"""What a value must be: the check, and the words for it that an error ends with."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Expectation:
    """One key's rule.

    `from_text` reads what the environment or a flag wrote; `check` takes what TOML or `from_text` made and returns
    the value to keep. Both raise ValueError, without words, when it is not what `words` say.
    """

    words: str
    from_text: Callable[[str], object]
    check: Callable[[object], object]


Metadata = Mapping[str, Any]
KEY = "expectation"


def _metadata(words: str, from_text: Callable[[str], object], check: Callable[[object], object]) -> Metadata:
    return {KEY: Expectation(words, from_text, check)}


def of(metadata: Metadata) -> Expectation | None:
    """The expectation of a dataclass field; None for a field that no file, variable or flag sets."""
    expectation = metadata.get(KEY)
    return expectation if isinstance(expectation, Expectation) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - one exception for "not what was expected", whatever the reason
    return value


def any_text(words: str) -> Metadata:
    return _metadata(words, str, _text)


def ip_address() -> Metadata:
    def check(value: object) -> str:
        return str(ipaddress.ip_address(_text(value)))

    return _metadata("an IP address", str, check)


def http_url() -> Metadata:
    def check(value: object) -> str:
        parts = urlsplit(_text(value))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            raise ValueError
        return _text(value)

    return _metadata("an http:// or https:// URL without a password", str, check)


def one_of(*choices: str) -> Metadata:
    def check(value: object) -> str:
        if value not in choices:
            raise ValueError
        return _text(value)

    return _metadata(f"one of {', '.join(choices)}", str, check)


def whole_number(least: int, most: int) -> Metadata:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError
        return value

    return _metadata(f"a whole number from {least} to {most}", int, check)


def port() -> Metadata:
    return whole_number(0, MAX_PORT)


def number(least: float, most: float) -> Metadata:
    def check(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError  # noqa: TRY004 - as above
        if not math.isfinite(value) or not least <= value <= most:
            raise ValueError
        return float(value)

    return _metadata(f"a number from {least} to {most}", float, check)


def flag() -> Metadata:
    def from_text(text: str) -> object:
        return {"true": True, "false": False}.get(text.lower())

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError  # noqa: TRY004 - as above
        return value

    return _metadata("true or false", from_text, check)


def list_of(item: Metadata) -> Metadata:
    """A list of at most 32 items; comma-separated in the environment and in flags."""
    rule = item[KEY]
    assert isinstance(rule, Expectation)
    most = 32

    def from_text(text: str) -> list[object]:
        return [rule.from_text(part.strip()) for part in text.split(",") if part.strip()]

    def check(value: object) -> tuple[object, ...]:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise ValueError
        return tuple(rule.check(part) for part in value)

    return _metadata(f"a list, at most {most} long, each item {rule.words}", from_text, check)
