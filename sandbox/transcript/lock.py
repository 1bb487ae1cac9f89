"""Who writes a record: one engine at a time, and everybody can ask whether there is one."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from sandbox.errors import TranscriptError

__all__ = ["hold", "is_held"]

_TRIES: Final = 5
"""``is_held`` takes the lock for an instant; an engine that starts just then outwaits it."""


def hold(fd: int, path: Path) -> None:
    """Take the one right to write an open record; it ends with the file or the process.

    Raises:
        TranscriptError: another engine has it, or the record was mended since it was opened.
    """
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise TranscriptError(
                    f"{path} is being written by an engine. Stop that run, or wait for its end."
                ) from None
            time.sleep(0.02)
        else:
            break
    if not os.path.samestat(os.fstat(fd), path.stat()):
        raise TranscriptError(f"{path} was put in order by somebody just now. Try again.")


def is_held(fd: int) -> bool:
    """Whether an engine writes this record now."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False
