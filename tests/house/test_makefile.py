"""The verbs are documented where people look for them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ["setup", "build", "fix", "check", "test", "e2e", "bench", "fuzz", "soak", "run"]
TARGET = re.compile(r"^([a-z0-9]+):.*## (.+)$", re.MULTILINE)


def test_the_makefile_has_every_verb_with_a_sentence() -> None:
    documented = dict(TARGET.findall((ROOT / "Makefile").read_text()))
    assert documented.keys() >= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_readme_tells_what_a_verb_is_for(verb: str) -> None:
    assert f"`make {verb}`" in (ROOT / "README.md").read_text()


def test_ci_runs_what_a_person_runs() -> None:
    commands = (ROOT / ".ci/run").read_text().splitlines()
    assert commands[-1] == "exec make test"
