"""What the system and the interpreter tell of this process, under the names that every Python server has for it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

_REGISTRY = CollectorRegistry()
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=_REGISTRY)


def text() -> bytes:
    """In Prometheus' text format. Reads files of the system: not for the event loop's thread."""
    return generate_latest(_REGISTRY)
