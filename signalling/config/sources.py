"""Where values come from, each layer as one flat mapping of dotted keys, and what is said of a key nobody knows."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path

from signalling.config import expectation
from signalling.config.expectation import Expectation
from signalling.config.schema import TABLES

ENVIRONMENT_PREFIX = "HOICHAN_"
ENVIRONMENT_FILE = "HOICHAN_CONFIG"
ENVIRONMENT_KEYS = "HOICHAN_AUTH_API_KEYS"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` are sentences, one per key that is wrong; none quotes a secret."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Setting:
    """A raw value and where it stands, in words for people: `hoichan.toml`, `HOICHAN_HTTP_PORT`, `--set`."""

    value: object
    source: str
    is_text: bool = False


Layer = Mapping[str, Setting]


def _expectations() -> Iterator[tuple[str, Expectation]]:
    for table, kind in TABLES.items():
        for each in fields(kind):
            if rule := expectation.of(each.metadata):
                yield f"{table}.{each.name}", rule


EXPECTATIONS: Mapping[str, Expectation] = dict(_expectations())
VARIABLES: Mapping[str, str] = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in EXPECTATIONS}


def default_text() -> str:
    return resources.files("signalling.config").joinpath("default.toml").read_text(encoding="utf-8")


def defaults() -> Layer:
    return _flatten(tomllib.loads(default_text()), "default")


def file(path: Path) -> Layer:
    """Raises ConfigError naming the file when it cannot be read, is no TOML, or has a key that nobody knows."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError([f"{path} cannot be read: {reason}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path} is not TOML: {error}"]) from error
    layer = _flatten(tables, str(path))
    _refuse_unknown(layer, EXPECTATIONS, str(path))
    return layer


def environment(variables: Mapping[str, str]) -> Layer:
    """Raises ConfigError for a HOICHAN_ variable that nobody knows; other variables are none of our business."""
    ours = [name for name in variables if name.startswith(ENVIRONMENT_PREFIX)]
    _refuse_unknown(ours, [*VARIABLES, ENVIRONMENT_FILE, ENVIRONMENT_KEYS], "the environment")
    return {VARIABLES[name]: Setting(variables[name], name, is_text=True) for name in ours if name in VARIABLES}


def flags(settings: Iterable[str]) -> Layer:
    """`settings` are KEY=VALUE. Raises ConfigError."""
    pairs = {key.strip(): value.strip() for key, _, value in (setting.partition("=") for setting in settings)}
    _refuse_unknown(pairs, EXPECTATIONS, "--set")
    return {key: Setting(value, f"--set {key}", is_text=True) for key, value in pairs.items()}


def _flatten(tables: Mapping[str, object], source: str) -> dict[str, Setting]:
    layer: dict[str, Setting] = {}
    for table, content in tables.items():
        if isinstance(content, dict):
            layer |= {f"{table}.{key}": Setting(value, source) for key, value in content.items()}
        else:
            layer[table] = Setting(content, source)
    return layer


def _refuse_unknown(names: Iterable[str], known: Iterable[str], source: str) -> None:
    known = list(known)
    if problems := [_unknown(name, known, source) for name in names if name not in known]:
        raise ConfigError(problems)


def _unknown(name: str, known: list[str], source: str) -> str:
    if name == "auth.api_keys":
        return f"{name} ({source}): no place for secrets; name a file in auth.api_keys_file or set {ENVIRONMENT_KEYS}"
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else "`hoichan config show` lists every key"
    return f"{name} ({source}) is not a key of the configuration; {hint}"
