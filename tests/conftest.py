"""What every test lives under: no blocking call in our coroutines, and searches as thorough as was asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from hypothesis import HealthCheck, settings

SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", deadline=None, suppress_health_check=SLOW_MACHINES)
settings.register_profile("thorough", deadline=None, suppress_health_check=SLOW_MACHINES, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

E2E = Path(__file__).parent / "e2e"
OURS = ["signalling", "rooms", "media"]


@pytest.fixture(autouse=True, scope="session")
def our_coroutines_do_not_block() -> Iterator[None]:
    """A blocking call in a coroutine of ours raises; what tests and third parties do is their own affair."""
    guard = BlockBuster(scanned_modules=OURS)
    guard.activate()
    try:
        yield
    finally:
        guard.deactivate()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if E2E in item.path.parents:
            item.add_marker(pytest.mark.e2e)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.fuzz)
