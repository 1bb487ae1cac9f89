"""The agent's work folder as the house reaches it: one file in, one file out, all of it as a tar.

Nothing here follows a link. Every step of a path is opened from the folder before it, so that no
link, and no renaming while it is being walked, leads out.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tarfile import TarFile

__all__ = ["PathRefused", "get", "put", "snapshot", "steps"]

DEPTH: Final = 64
"""Folders within folders that a snapshot follows; each costs an open file."""
ENTRIES: Final = 20_000
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PathRefused(ValueError):
    """A path leads out of the work folder, or what lies there is not what it must be."""


def put(home: str, path: str, data: bytes) -> None:
    """Write one file below ``home``, and the folders above it. Raises OSError or PathRefused."""
    *folders, name = steps(path)
    with _opened(home, folders, make=True) as folder:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | _FILE, 0o644, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            _regular(descriptor, path)
            file.truncate()
            file.write(data)


def get(home: str, path: str, limit: int) -> bytes:
    """Read one file below ``home``. Raises OSError, or PathRefused if it holds more than ``limit`` bytes."""
    *folders, name = steps(path)
    with _opened(home, folders, make=False) as folder:
        descriptor = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        _regular(descriptor, path)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise PathRefused(f"{path!r} holds more than {limit} bytes")
    return data


def snapshot(home: str, limit: int) -> bytes:
    """All of ``home`` as a tar: regular files and folders only, sorted, nothing of owners.

    What cannot be opened, and any link, device, socket or pipe, is left out. Raises PathRefused if
    the tar would be larger than ``limit`` bytes, or the folder has too many entries or levels.
    """
    import tarfile  # costs 10 ms, which an agent's start never pays

    out = io.BytesIO()
    with (
        _opened(home, (), make=False) as folder,
        tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _Walk(tar, out, limit).add(folder, "")
    return _fitting(out, limit).getvalue()


class _Walk:
    """One walk over the work folder, and what it may still take."""

    def __init__(self, tar: TarFile, out: io.BytesIO, limit: int) -> None:
        self.tar = tar
        self.out = out
        self.limit = limit
        self.entries = 0

    def add(self, folder: int, prefix: str, depth: int = 0) -> None:
        if depth > DEPTH:
            raise PathRefused(f"the work folder has more than {DEPTH} levels")
        for name in sorted(os.listdir(folder)):
            self.entries += 1
            if self.entries > ENTRIES:
                raise PathRefused(f"the work folder has more than {ENTRIES} entries")
            try:
                descriptor = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
            except OSError:
                continue  # a link, a socket, unreadable, or gone since it was listed
            try:
                self._add_one(descriptor, prefix + name, depth)
            finally:
                os.close(descriptor)

    def _add_one(self, descriptor: int, path: str, depth: int) -> None:
        found = os.fstat(descriptor)
        entry = self.tar.tarinfo(path)
        entry.mode = stat.S_IMODE(found.st_mode) & 0o777
        entry.mtime = int(found.st_mtime)
        if stat.S_ISDIR(found.st_mode):
            entry.type = b"5"
            self.tar.addfile(entry)
            self.add(descriptor, path + "/", depth + 1)
        elif stat.S_ISREG(found.st_mode):
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(self.limit + 1)
            entry.size = len(data)
            self.tar.addfile(entry, io.BytesIO(data))
        _fitting(self.out, self.limit)


def _fitting(out: io.BytesIO, limit: int) -> io.BytesIO:
    if out.tell() > limit:
        raise PathRefused(f"a tar of the work folder is larger than {limit} bytes")
    return out


def steps(path: str) -> list[str]:
    """Cut a path into names. Raises PathRefused for one that is absolute, empty or goes up."""
    steps = path.split("/")
    if any(step in {"", ".", ".."} for step in steps) or "\0" in path:
        raise PathRefused(f"{path!r:.200} is no path below the work folder")
    return steps


@contextmanager
def _opened(home: str, folders: Sequence[str], *, make: bool) -> Iterator[int]:
    """Open a folder step by step from ``home``."""
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
