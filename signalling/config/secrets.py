"""API keys and their secrets: where they may come from, and which are too weak to guard a consultation."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

DEVELOPMENT_KEY = "devkey"
DEVELOPMENT_SECRET = "development-only-secret-32-chars!!"  # noqa: S105 - published on purpose, refused without --dev

SHORTEST_SECRET = 32
"""Characters. HS256 wants a key as long as its 256-bit output (RFC 7518 §3.2)."""
FEWEST_DIFFERENT = 8
"""Different characters: keeps out `aaaa…` and `12341234…`, not a clever adversary."""
OTHERS_MAY = stat.S_IRWXO


def parse_keys(lines: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Read `key: secret` lines; blank ones and those from `#` on are skipped.

    Returns: The keys, and what is wrong, as sentences that quote no secret.
    """
    keys: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, secret = (part.strip() for part in line.partition(":"))
        if not (key and colon and secret):
            problems.append(f"entry {number} is not `key: secret`")
        elif key in keys:
            problems.append(f"entry {number} repeats the key {key}")
        else:
            keys[key] = secret
    return keys, problems


def read_key_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """As `parse_keys`, of a file that other users must not be able to touch."""
    try:
        if path.stat().st_mode & OTHERS_MAY:
            return {}, [f"{path} is open to every user of this machine; run: chmod o-rwx {path}"]
        keys, problems = parse_keys(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"]
    return keys, [f"{path}: {problem}" for problem in problems]


def weakness(key: str, secret: str) -> str | None:
    """Why `secret` must not be used; None when nothing speaks against it. Never quotes it."""
    if secret == DEVELOPMENT_SECRET or key == DEVELOPMENT_KEY:
        return f"the key {key} is the published development key; it works with --dev only"
    if len(secret) < SHORTEST_SECRET:
        return f"the secret of {key} has {len(secret)} characters; expected at least {SHORTEST_SECRET}"
    if len(set(secret)) < FEWEST_DIFFERENT:
        return f"the secret of {key} repeats a few characters; expected a random one"
    return None
