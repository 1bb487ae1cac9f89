"""The agent's work folder as the house reaches it: one file in, one file out.

Nothing here follows a link. Every step of a path is opened from the folder before it, so that no
link, and no renaming while it is being walked, leads out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

__all__ = ["PathRefused", "get", "opened", "put", "steps"]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PathRefused(ValueError):
    """A path leads out of the work folder, or what lies there is not what it must be."""


def put(home: str, path: str, data: bytes | memoryview, mode: int | None = None) -> None:
    """Write one file below ``home``, and the folders above it; with a ``mode``, one that is not there yet.

    Raises OSError or PathRefused.
    """
    *folders, name = steps(path)
    flags = os.O_WRONLY | os.O_CREAT | _FILE | (0 if mode is None else os.O_EXCL)
    with opened(home, folders, make=True) as folder:
        descriptor = os.open(name, flags, 0o644, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            _regular(descriptor, path)
            file.truncate()
            file.write(data)
            if mode is not None:
                os.fchmod(descriptor, mode)


def get(home: str, path: str, limit: int) -> bytes:
    """Read one file below ``home``. Raises OSError, or PathRefused if it holds more than ``limit`` bytes."""
    *folders, name = steps(path)
    with opened(home, folders, make=False) as folder:
        descriptor = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        _regular(descriptor, path)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise PathRefused(f"{path!r} holds more than {limit} bytes")
    return data


def steps(path: str) -> list[str]:
    """Cut a path into names. Raises PathRefused for one that is absolute, empty or goes up."""
    steps = path.split("/")
    if any(step in {"", ".", ".."} for step in steps) or "\0" in path:
        raise PathRefused(f"{path!r:.200} is no path below the work folder")
    return steps


@contextmanager
def opened(home: str, folders: Sequence[str], *, make: bool) -> Iterator[int]:
    """Open a folder step by step from ``home``; ``make`` makes those that are missing."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in folders:
            if make:
                _make(name, descriptor)
            above, descriptor = descriptor, os.open(name, _FOLDER, dir_fd=descriptor)
            try:
                _itself(name, above, descriptor)
            finally:
                os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def _itself(name: str, above: int, opened: int) -> None:
    """Refuse a link: gVisor of 2022 follows one where O_DIRECTORY stands beside O_NOFOLLOW."""
    named = os.stat(name, dir_fd=above, follow_symlinks=False)
    if not os.path.samestat(named, os.fstat(opened)):
        raise PathRefused(f"{name!r:.200} is no folder")


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=folder)
    except FileExistsError:
        return


def _regular(descriptor: int, path: str) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise PathRefused(f"{path!r:.200} is no regular file")
