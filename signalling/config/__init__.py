"""Configuration: read once, at the edge, and checked before anything is bound."""

from __future__ import annotations

from signalling.config.load import Loaded, load
from signalling.config.schema import (
    AuthConfig,
    Config,
    HttpConfig,
    LogConfig,
    LogFormat,
    LogLevel,
    MediaConfig,
    MetricsConfig,
    RoomsConfig,
    WebhookConfig,
)
from signalling.config.sources import ConfigError

__all__ = [
    "AuthConfig",
    "Config",
    "ConfigError",
    "HttpConfig",
    "Loaded",
    "LogConfig",
    "LogFormat",
    "LogLevel",
    "MediaConfig",
    "MetricsConfig",
    "RoomsConfig",
    "WebhookConfig",
    "load",
]
