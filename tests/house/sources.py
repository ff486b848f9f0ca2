"""What is ours to keep in order: every file that git tracks or is about to."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = frozenset({".py", ".pyi", ".rs", ".ts", ".tsx", ".sh"})
PRODUCT = ("signalling/", "rooms/", "media/", "web_client/src/")


def files(*starts: str, suffixes: frozenset[str] = CODE) -> list[Path]:
    """Tracked and new files below `starts` (the whole tree without any), with one of `suffixes`, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    names = [name for name in listed if name.startswith(starts or "")]
    paths = [ROOT / name for name in names if Path(name).suffix in suffixes]
    return [path for path in paths if path.is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
