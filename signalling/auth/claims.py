"""Typed reading of a token's payload: JSON that somebody signed is still not JSON of the right shape."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeGuard, TypeVar

_Choice = TypeVar("_Choice", bound=StrEnum)
_MAX_ATTRIBUTES = 1000
_MAX_UINT32 = 0xFFFF_FFFF


class ClaimError(ValueError):
    """A claim is not of the expected shape. The message names it and may be shown."""


class Claims:
    """One JSON object of the payload. Every reader raises `ClaimError` for a value of the wrong type.

    A claim that is absent or null has its default. `path` is the object's own name in errors.
    """

    def __init__(self, values: Mapping[str, object], path: str = "") -> None:
        self._values = values
        self._path = path

    def text(self, name: str) -> str:
        """A string, by default empty."""
        value = self._value(name, "")
        if is_text(value):
            return value
        raise self._wrong(name, "a text")

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._value(name, default)
        if isinstance(value, bool):
            return value
        raise self._wrong(name, "true or false")

    def count(self, name: str) -> int:
        """A number of protobuf's uint32, by default 0."""
        value = self._value(name, 0)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_UINT32:
            return value
        raise self._wrong(name, "a whole number")

    def texts(self, name: str) -> dict[str, str]:
        """An object whose values are strings, by default empty."""
        value = self._value(name, {})
        if isinstance(value, dict) and len(value) <= _MAX_ATTRIBUTES:
            texts = {key: text for key, text in value.items() if is_text(key) and is_text(text)}
            if len(texts) == len(value):
                return texts
        raise self._wrong(name, f"at most {_MAX_ATTRIBUTES} names with a text each")

    def table(self, name: str) -> Claims:
        """A nested object, by default empty."""
        value = self._value(name, {})
        if isinstance(value, dict):
            return Claims(value, f"{self._path}{name}.")
        raise self._wrong(name, "an object")

    def choice(self, name: str, among: type[_Choice], default: _Choice) -> _Choice:
        """A member of `among` by its value, in any case."""
        return self._member(name, self._value(name, "") or default, among)

    def choices(self, name: str, among: type[_Choice]) -> tuple[_Choice, ...]:
        """A list of members of `among`, by default empty. An unknown one is an error: it must not widen the others."""
        value = self._value(name, [])
        if isinstance(value, list):
            return tuple(self._member(name, item, among) for item in value)
        raise self._wrong(name, "a list")

    def _value(self, name: str, default: object) -> object:
        value = self._values.get(name)
        return default if value is None else value

    def _member(self, name: str, value: object, among: type[_Choice]) -> _Choice:
        if isinstance(value, str):
            for member in among:
                if member.value == value.lower():
                    return member
        raise self._wrong(name, f"one of {', '.join(among)}")

    def _wrong(self, name: str, expected: str) -> ClaimError:
        return ClaimError(f"the claim {self._path}{name} is not {expected}")


def is_text(value: object) -> TypeGuard[str]:
    """Whether `value` is a string that UTF-8 can carry: JSON also spells lone surrogates, which protobuf refuses."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def written(values: Mapping[str, object]) -> dict[str, object]:
    """Without what says nothing: tokens travel in URLs."""
    return {name: value for name, value in values.items() if value}
