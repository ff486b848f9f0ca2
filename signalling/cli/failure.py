"""How a command ends when it does not end well: a plain sentence on stderr, and an exit code for scripts."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What `hoichan` ends with. 1 is a fault of ours (with a traceback), 2 a mistake in the command line."""

    CONFIGURATION = 3
    UNREACHABLE = 4
    REFUSED = 5
    NOT_FOUND = 6
    WORLD = 7


EXIT_CODES = """\
Exit codes: 0 done · 1 a fault of Hoichan's · 2 wrong command line · 3 configuration unusable · 4 server not reached ·
5 server refused · 6 no such room · 7 the machine refused (port taken, file not readable)
"""


class Failure(Exception):  # noqa: N818 - it is what a command reports, not an error in it
    """Raised anywhere below a command, shown by `main`."""

    def __init__(self, code: ExitCode, *sentences: str) -> None:
        self.code = code
        self.sentences = sentences
        super().__init__("\n".join(sentences))
