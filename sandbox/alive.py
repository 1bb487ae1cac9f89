"""Whether a process that was started once is still there, and not another one under its number."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["gone", "start_mark"]

GLANCE: Final = 0.01


def start_mark(pid: int) -> str | None:
    """Read when a process began, in the system's own words; None if there is no such process.

    A zombie is none: it holds nothing but its number. One whose threads still run is no zombie yet: a box lives
    until the last thread of its first process has ended.
    """
    if sys.platform != "linux":
        return _mark_of_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    threads, began = int(fields[16]), fields[18]
    return None if state in {"Z", "X"} and threads <= 1 else began


async def gone(pid: int, mark: str, seconds: float) -> bool:
    """Wait until the process that began at ``mark`` has ended; False if it is still there after ``seconds``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        if start_mark(pid) != mark:
            return True
        await asyncio.sleep(GLANCE)
    return False


def _mark_of_ps(pid: int) -> str | None:
    ps = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    state, _, began = subprocess.run(
        ps, capture_output=True, check=False, text=True
    ).stdout.partition(" ")
    return None if not began or state.startswith("Z") else began.strip()
