"""The trace a broker leaves, so that a later start can find one whose engine was killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from sandbox.alive import start_mark
from sandbox.errors import BrokerError

__all__ = ["PID_FILE", "kill_leftover_broker", "remember"]

PID_FILE: Final = "broker.pid"

_SECONDS: Final = 5.0


def remember(folder: Path, pid: int) -> None:
    """Write down which process serves from this folder."""
    temporary = folder / f"{PID_FILE}.new"
    temporary.write_text(json.dumps({"pid": pid, "birth": start_mark(pid)}), encoding="utf-8")
    temporary.replace(folder / PID_FILE)


def kill_leftover_broker(folder: Path) -> bool:
    """End a broker that was left in this folder, and remove the folder; True if one was running.

    Blocks until it is gone, some milliseconds.

    Raises:
        BrokerError: it cannot be ended.
    """
    try:
        trace = json.loads((folder / PID_FILE).read_bytes())
        pid, born = int(trace["pid"]), str(trace["birth"])
    except (OSError, ValueError, KeyError, TypeError):
        pid, born = 0, ""
    killed = pid > 0 and start_mark(pid) == born
    if killed:
        _kill(pid, born)
    shutil.rmtree(folder, ignore_errors=True)
    return killed


def _kill(pid: int, born: str) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:
        raise BrokerError(
            f"The broker of an earlier run still runs as process {pid} and is another user's."
            f" End it with 'sudo kill {pid}'."
        ) from None
    give_up = time.monotonic() + _SECONDS
    while start_mark(pid) == born:
        if time.monotonic() > give_up:
            raise BrokerError(
                f"The broker of an earlier run, process {pid}, did not end within {_SECONDS:g} s"
                f" of SIGKILL. End it and try again."
            )
        time.sleep(0.002)
