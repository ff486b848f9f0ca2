"""A new machine gets what this one tests with."""

import re
import tomllib

import pytest

from tests.house.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements/lock.txt").read_text(encoding="utf-8")
PINNED = dict(re.findall(r"^([a-z0-9.-]+)==(\S+) \\$", LOCK, re.MULTILINE))


def name_of(requirement: str) -> str:
    return re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0].lower()


WANTED = sorted(
    {name_of(each) for each in PROJECT["project"]["dependencies"]}
    | {name_of(each) for group in PROJECT["dependency-groups"].values() for each in group if isinstance(each, str)}
)


@pytest.mark.parametrize("package", WANTED)
def test_every_package_that_is_asked_for_is_pinned(package: str) -> None:
    assert package in PINNED


def test_every_pin_is_held_by_its_hash_and_names_no_host() -> None:
    blocks = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)
    assert [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
    assert "://" not in LOCK
