"""How log records look: for eyes, or one JSON object a line for collectors. Set once, by the command line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from rich.console import Console
from rich.logging import RichHandler

from signalling.config import LogConfig

PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """`extra={…}` of a record becomes fields of its own, beside time, level, logger, message and exception."""

    def format(self, record: logging.LogRecord) -> str:
        content: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in PLAIN_FIELDS},
        }
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content, ensure_ascii=False, default=str)


def set_up(config: LogConfig) -> None:
    """Send everything to stderr in the configured form."""
    handler = _handler(config)
    logging.basicConfig(level=config.level.upper(), handlers=[handler], force=True)
    # One line per request would tell who watched whom, and when; the rooms log what matters.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


def _handler(config: LogConfig) -> logging.Handler:
    console = Console(stderr=True)
    if config.format == "console" and console.is_terminal:
        handler: logging.Handler = RichHandler(console=console, show_path=False, omit_repeated_times=False)
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s", datefmt="%H:%M:%S"))
        return handler
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if config.format == "json" else plain)
    return handler
