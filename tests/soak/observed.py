"""`hoichan serve --dev`, with one addition: at SIGUSR1 it tells what it holds. The server itself is the real one."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path

import uvloop

from signalling import logs
from signalling.app import serve
from signalling.config import Config, load

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def holdings() -> dict[str, int]:
    """Resident memory in bytes, and how many tasks, open files and threads there are."""
    gc.collect()
    return {
        "memory": int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES,
        "tasks": len(asyncio.all_tasks()),
        "files": entries("/proc/self/fd"),
        "threads": entries("/proc/self/task"),
    }


def entries(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def say(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


async def observed(config: Config) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: say(holdings()))
    await serve(config, ready=lambda url: say({"url": url}))


if __name__ == "__main__":
    CONFIG = load(dev=True, file=None, environment=os.environ).config
    logs.set_up(CONFIG.log)
    uvloop.run(observed(CONFIG))
