"""Layers the sources, checks every key, and builds the Config."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from signalling.config import sources
from signalling.config.addresses import is_loopback, is_wildcard, own_addresses
from signalling.config.schema import MAX_WORKERS, TABLES, Config
from signalling.config.secrets import (
    DEVELOPMENT_KEY,
    DEVELOPMENT_SECRET,
    parse_keys,
    read_key_file,
    weakness,
)
from signalling.config.sources import EXPECTATIONS, ConfigError, Layer, Setting

LOOPBACK = "127.0.0.1"
NO_KEY = (
    "auth.api_keys is missing: expected at least one key, from the file named in auth.api_keys_file or from "
    f'{sources.ENVIRONMENT_KEYS}="key: secret". To try Hoichan on this machine only, add --dev'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What is in force, and where each value came from (dotted key to words for people)."""

    config: Config
    sources: Mapping[str, str]


def load(*, dev: bool, file: Path | None, environment: Mapping[str, str], flags: Iterable[str] = ()) -> Loaded:
    """Layer default.toml, `--dev`, `file` (or HOICHAN_CONFIG), `environment` and `flags` (KEY=VALUE); later ones win.

    Raises ConfigError with every problem of the first layer that has any, each naming the key and what was expected.
    """
    named = environment.get(sources.ENVIRONMENT_FILE)
    path = file or (Path(named) if named else None)
    settings: dict[str, Setting] = {
        **sources.defaults(),
        **(_development() if dev else {}),
        **(sources.file(path) if path else {}),
        **sources.environment(environment),
        **sources.flags(flags),
    }
    values = _checked(settings)
    keys, keys_source = _api_keys(dev=dev, path=str(values["auth.api_keys_file"]), environment=environment)
    config = _build(dev=dev, values=values, keys=keys)
    if problems := list(_contradictions(config)):
        raise ConfigError(problems)
    origins = {key: setting.source for key, setting in settings.items()} | {"auth.api_keys": keys_source}
    for key in ("media.announced_ips", "media.workers"):
        if not values[key]:
            origins[key] = "this machine"
    return Loaded(config=config, sources=MappingProxyType(origins))


def _development() -> Layer:
    return {key: Setting(LOOPBACK, "--dev") for key in ("http.host", "media.host")}


def _checked(settings: Layer) -> dict[str, object]:
    values: dict[str, object] = {}
    problems: list[str] = []
    for key, rule in EXPECTATIONS.items():
        setting = settings[key]
        try:
            raw = rule.from_text(setting.value) if setting.is_text and isinstance(setting.value, str) else setting.value
            values[key] = rule.check(raw)
        except ValueError:
            problems.append(f"{key} is {setting.value!r} ({setting.source}); expected {rule.words}")
    if problems:
        raise ConfigError(problems)
    return values


def _api_keys(*, dev: bool, path: str, environment: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Raises ConfigError when there is no usable key. The development key stands in where `--dev` finds no other."""
    if text := environment.get(sources.ENVIRONMENT_KEYS):
        source = sources.ENVIRONMENT_KEYS
        keys, problems = parse_keys(text.replace(",", "\n").splitlines())
    elif path:
        source = path
        keys, problems = read_key_file(Path(path))
    elif dev:
        return {DEVELOPMENT_KEY: DEVELOPMENT_SECRET}, "--dev"
    else:
        raise ConfigError([NO_KEY])
    problems += [words for key, secret in keys.items() if (words := weakness(key, secret))]
    if not keys and not problems:
        problems.append("there is no key in it; expected `key: secret`")
    if problems:
        raise ConfigError(f"auth.api_keys ({source}): {problem}" for problem in problems)
    return keys, source


def _build(*, dev: bool, values: Mapping[str, object], keys: dict[str, str]) -> Config:
    tables: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    for dotted, value in values.items():
        table, _, key = dotted.partition(".")
        tables[table][key] = value
    tables["auth"]["api_keys"] = MappingProxyType(keys)
    media = tables["media"]
    media["announced_ips"] = media["announced_ips"] or own_addresses(media["host"])
    media["workers"] = media["workers"] or _own_workers()
    return Config(dev=dev, **{table: kind(**tables[table]) for table, kind in TABLES.items()})


def _own_workers() -> int:
    """One CPU that this process may use is left to signalling; the others move packets."""
    return min(max(len(os.sched_getaffinity(0)) - 1, 1), MAX_WORKERS)


def _contradictions(config: Config) -> Iterable[str]:
    """What no single key shows."""
    if config.dev:  # Its secret is public and it hands out tokens to whoever asks.
        bound = {"http.host": config.http.host, "media.host": config.media.host, "metrics.host": config.metrics.host}
        for key, host in bound.items():
            if not is_loopback(host):
                yield f"{key} is {host}; expected a loopback address with --dev"
    if config.webhook.urls and config.webhook.api_key not in config.auth.api_keys:
        yield f"webhook.api_key is {config.webhook.api_key!r}; expected the API key that signs for webhook.urls"
    for ip in config.media.announced_ips:
        if is_wildcard(ip):
            yield f"media.announced_ips has {ip}; expected addresses that a client can reach"
