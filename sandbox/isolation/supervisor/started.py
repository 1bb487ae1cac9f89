"""Programs that were started, told as few: each command line once, and how often it was run."""

from __future__ import annotations

import os
import threading
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.isolation.supervisor.memory import memory_of
from sandbox.isolation.supervisor.notification import Notification
from sandbox.isolation.supervisor.program import (
    Allowance,
    Identity,
    digests,
    find,
    identity,
    is_hidden,
)

__all__ = ["OF_ONE", "ROWS", "Started", "StartedPrograms", "look"]

ROWS: Final = 200
"""Command lines that are told apart until they are told."""
OF_ONE: Final = 100
"""Of these, as many may be of one program: whoever starts it often hides no other one by that."""
_HERE: Final = -100
_DELETED: Final = b" (deleted)"
_EMPTY_PATH: Final = 0x1000
"""AT_FDCWD and AT_EMPTY_PATH (linux/fcntl.h)."""


@dataclass(slots=True)
class Started:
    """A command line that was run ``count`` times; the rest is of the first time.

    What stood in the process' memory when it asked; another of its threads may have changed it since. None:
    it cannot be seen from here. ``digest`` comes to be the SHA-256 of the program, or None. Without ``file``
    the program is the path that the process named, which nobody but itself can follow.
    """

    argv: tuple[str, ...] | None
    program: str | None
    cwd: str | None
    pid: int
    file: Identity | None = None
    digest: Future[str | None] | None = None
    count: int = 1


class StartedPrograms:
    """Counts until it is asked; for use from several threads, within bounds whatever a box does."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str | None, tuple[str, ...] | None], Started] = {}
        self._of_one: Counter[str | None] = Counter()
        self._left_out = 0
        self._lock = threading.Lock()
        self.allowance = Allowance()

    def add(self, started: Started) -> None:
        """Count a start."""
        key = started.program, started.argv
        with self._lock:
            known = self._rows.get(key)
            if known is not None:
                known.count += 1
            elif len(self._rows) < ROWS and self._of_one[started.program] < OF_ONE:
                self._rows[key] = started
                self._of_one[started.program] += 1
            else:
                self._left_out += 1

    def take(self) -> tuple[list[Started], int]:
        """What there is, in its order, and how many starts are not among them; nothing is left."""
        with self._lock:
            found, left_out = list(self._rows.values()), self._left_out
            self._rows, self._left_out = {}, 0
            self._of_one.clear()
            self.allowance = Allowance()
        return found, left_out


def look(
    asked: Notification, call: str, allowance: Allowance, proc: Path = Path("/proc")
) -> Started | None:
    """See what a call starts; None if there is no such program, or none that can be started."""
    pid = asked.pid
    base, path_at, argv_at = (_HERE, *asked.args[:2])
    empty = False
    if call == "execveat":
        base, path_at, argv_at = asked.args[:3]
        empty = bool(asked.args[4] & _EMPTY_PATH)
    try:
        with memory_of(pid, proc) as memory:
            path, argv = memory.bytes_at(path_at), memory.texts(argv_at)
        cwd = os.readlink(f"{proc}/{pid}/cwd".encode())  # noqa: PTH115 - a Path costs ten times as much
    except OSError:  # it is gone, or another user's
        return Started(None, None, None, pid)
    place = cwd
    try:
        if _descriptor(base) != _HERE and not (path or b"").startswith(b"/"):
            link = f"{proc}/{pid}/fd/{_descriptor(base)}".encode()
            place = os.readlink(link)  # noqa: PTH115 - as above
            if empty and not path:
                # A file that may have no name any more: by the descriptor alone.
                opened = os.open(link, os.O_PATH | os.O_CLOEXEC)
                return _started(opened, argv, cwd, pid, allowance)
    except OSError:
        return None
    if not path:
        return None
    whole = path if path.startswith(b"/") else place + b"/" + path
    try:
        return _started(find(pid, whole), argv, cwd, pid, allowance)
    except OSError as error:
        # A folder that was removed has no name, and still a folder above it.
        removed = whole is not path and place.endswith(_DELETED)
        if not removed and not is_hidden(pid, whole, error):
            return None
        return Started(tuple(argv or ()), _plain(whole), _plain(cwd), pid)


def _started(
    descriptor: int, argv: list[str] | None, cwd: bytes, pid: int, allowance: Allowance
) -> Started | None:
    try:
        file = identity(descriptor)
        if file is None:
            return None
        # Its own path, whatever links led to it.
        path = os.readlink(f"/proc/self/fd/{descriptor}".encode())  # noqa: PTH115 - as above
        digest = digests().of(file, descriptor, allowance)
    finally:
        os.close(descriptor)
    return Started(tuple(argv or ()), _plain(path), _plain(cwd), pid, file, digest)


def _descriptor(value: int) -> int:
    """An int as it stands in a register."""
    low = value & 0xFFFF_FFFF
    return low - (1 << 32) if low & 1 << 31 else low


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace")
