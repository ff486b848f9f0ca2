"""The configuration, once it is known to be right. Each part of the server is handed its own table, never the whole.

No field has a default here: `default.toml` is the one place for those, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from rooms.live.effects import FactKind
from signalling.config.addresses import is_loopback
from signalling.config.expectation import (
    any_text,
    flag,
    http_url,
    ip_address,
    list_of,
    number,
    one_of,
    port,
    whole_number,
)

MAX_WORKERS = 64
"""As many as the first character of an ICE username fragment can tell apart."""

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["console", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    host: str = field(metadata=ip_address())
    port: int = field(metadata=port())


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConfig:
    """`announced_ips` is never empty and `workers` never 0 once loaded: the machine's own stand in."""

    host: str = field(metadata=ip_address())
    udp_port: int = field(metadata=port())
    tcp_port: int = field(metadata=port())
    tcp_enabled: bool = field(metadata=flag())
    workers: int = field(metadata=whole_number(0, MAX_WORKERS))
    crowd: int = field(metadata=whole_number(1, 10_000))
    announced_ips: tuple[str, ...] = field(metadata=list_of(ip_address()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthConfig:
    """`api_keys` maps key to secret; never empty, never weak. No key of the file: secrets have their own ways in."""

    api_keys_file: str = field(metadata=any_text("a path"))
    api_keys: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsConfig:
    max_participants: int = field(metadata=whole_number(1, 10_000))
    max_rooms: int = field(metadata=whole_number(1, 100_000))
    max_tracks_per_participant: int = field(metadata=whole_number(1, 100))
    loudest_microphones: int = field(metadata=whole_number(0, 256))
    empty_timeout_seconds: float = field(metadata=number(1, 86_400))
    departure_timeout_seconds: float = field(metadata=number(1, 86_400))
    resume_window_seconds: float = field(metadata=number(1, 600))
    dynacast: bool = field(metadata=flag())


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfig:
    """`events` empty stands for all. `api_key` is one of `AuthConfig.api_keys` whenever `urls` is not empty."""

    urls: tuple[str, ...] = field(metadata=list_of(http_url()))
    events: tuple[str, ...] = field(metadata=list_of(one_of(*FactKind)))
    api_key: str = field(metadata=any_text("an API key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsConfig:
    enabled: bool = field(metadata=flag())
    host: str = field(metadata=ip_address())
    port: int = field(metadata=port())

    @property
    def needs_token(self) -> bool:
        """Whether others than this machine's own programs can reach it."""
        return not is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    level: LogLevel = field(metadata=one_of(*get_args(LogLevel)))
    format: LogFormat = field(metadata=one_of(*get_args(LogFormat)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`dev` is the `--dev` flag: development key, loopback only, and the endpoint that hands out tokens."""

    dev: bool
    http: HttpConfig
    media: MediaConfig
    auth: AuthConfig
    rooms: RoomsConfig
    webhook: WebhookConfig
    metrics: MetricsConfig
    log: LogConfig


TABLES: Mapping[str, type] = {
    "http": HttpConfig,
    "media": MediaConfig,
    "auth": AuthConfig,
    "rooms": RoomsConfig,
    "webhook": WebhookConfig,
    "metrics": MetricsConfig,
    "log": LogConfig,
}
