"""One tool at work: what stops it, and the processes it leaves behind."""

from __future__ import annotations

import os
import signal
import threading

__all__ = ["Job"]


class Job:
    """A tool's work and the process group it started, if any; may be stopped from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._group: int | None = None
        self._at_work = True
        self._stopped = False

    def leads(self, group: int) -> None:
        """Take charge of a process group; it is killed at once if the job was stopped before."""
        with self._lock:
            self._group = group
            if self._stopped:
                _kill(group)

    def end(self) -> None:
        """The tool has ended; what it left in the background may live on."""
        with self._lock:
            self._at_work = False
            self._forget_if_gone()

    def interrupt(self) -> None:
        """Stop the tool if it is still at work."""
        with self._lock:
            if self._at_work:
                self._stop()

    def stop(self) -> None:
        """Kill the whole process group, now or as soon as there is one."""
        with self._lock:
            self._stop()

    def is_over(self) -> bool:
        """Whether the tool has ended and nothing of its group is left."""
        with self._lock:
            self._forget_if_gone()
            return not self._at_work and self._group is None

    def _stop(self) -> None:
        self._stopped = True
        if self._group is not None:
            _kill(self._group)

    def _forget_if_gone(self) -> None:
        """Give up the number of a group that is gone: it may be used again for another one."""
        if not self._at_work and self._group is not None and not _is_alive(self._group):
            self._group = None


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all gone, or (as macOS says it) only zombies left


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
