"""The work folder as the house keeps it: what lies there, and what some of its files hold."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from typing import Any, Final

from agents import workfolder

__all__ = ["DEPTH", "ENTRIES", "LEFT_OUT", "contents", "survey"]

DEPTH: Final = 64
"""Folders within folders that are followed; each costs an open file."""
ENTRIES: Final = 20_000
LEFT_OUT: Final = 50
"""Reasons that are told; what more is left out is left out without a word."""
READ: Final = 256 << 10
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def survey(home: str, limit: int) -> bytes:
    """Tell what lies below ``home``, in the order of paths, as JSON of two lists.

    ``things``: ``["file", path, mode, size, sha256]``, ``["folder", path, mode]``, ``["link", path, target]``;
    ``left_out``: ``[path, why]``, such as files beyond ``limit`` bytes in all.
    """
    walk = _Walk(limit)
    with workfolder.opened(home, (), make=False) as folder:
        walk.add(folder, "")
    return json.dumps({"things": walk.things, "left_out": walk.left_out}).encode()


def contents(home: str, paths: Sequence[str], limit: int) -> tuple[list[int | None], bytes]:
    """Read files below ``home``: how long each is, and all of them in a row.

    None for one that is gone, is no file, or would make it more than ``limit`` bytes.
    """
    sizes: list[int | None] = []
    data = bytearray()
    for path in paths:
        try:
            one = workfolder.get(home, path, limit - len(data))
        except (OSError, workfolder.PathRefused):
            sizes.append(None)
        else:
            sizes.append(len(one))
            data += one
    return sizes, bytes(data)


class _Walk:
    """One walk over the work folder, and what it may still take."""

    def __init__(self, limit: int) -> None:
        from hashlib import sha256  # costs 2 ms, which an agent's start never pays

        self._sha256 = sha256
        self._limit = limit
        self._bytes = 0
        self.things: list[list[Any]] = []
        self.left_out: list[tuple[str, str]] = []

    def add(self, folder: int, prefix: str, depth: int = 1) -> None:
        for name in sorted(os.listdir(folder)):
            if len(self.things) >= ENTRIES:
                self._leave_out(prefix + name, f"there are {ENTRIES} things before it")
                return
            try:
                self._add_one(folder, name, prefix + name, depth)
            except OSError as error:  # unreadable, or gone since it was listed
                self._leave_out(prefix + name, error.strerror or "it cannot be read")

    def _add_one(self, folder: int, name: str, path: str, depth: int) -> None:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not _is_text(name):
            self._leave_out(path, "its name is not UTF-8")
        elif stat.S_ISLNK(mode):
            target = os.readlink(name, dir_fd=folder)
            if _is_text(target):
                self.things.append(["link", path, target])
            else:
                self._leave_out(path, "where it leads is not UTF-8")
        elif stat.S_ISDIR(mode) or stat.S_ISREG(mode):
            descriptor = os.open(name, _OPEN, dir_fd=folder)
            try:
                self._add_open(descriptor, path, depth)
            finally:
                os.close(descriptor)
        else:
            self._leave_out(path, "it is neither a file nor a folder nor a link")

    def _add_open(self, descriptor: int, path: str, depth: int) -> None:
        found = os.fstat(descriptor)
        mode = found.st_mode & 0o777
        if stat.S_ISDIR(found.st_mode):
            if depth > DEPTH:
                self._leave_out(path, f"it is more than {DEPTH} levels deep")
                return
            self.things.append(["folder", path, mode])
            self.add(descriptor, path + "/", depth + 1)
        elif stat.S_ISREG(found.st_mode):
            read = self._hash(descriptor, found.st_size)
            if read is None:
                self._leave_out(path, f"the folder holds more than {self._limit} bytes with it")
            else:
                self._bytes += read[0]
                self.things.append(["file", path, mode, *read])

    def _hash(self, descriptor: int, size: int) -> tuple[int, str] | None:
        """The size and hash of what is read; None if it is more than may still be taken."""
        left, sha = self._limit - self._bytes, self._sha256()
        if size > left:
            return None  # without reading: it may be all holes
        read = 0
        while data := os.read(descriptor, READ):
            read += len(data)
            if read > left:
                return None
            sha.update(data)
        return read, sha.hexdigest()

    def _leave_out(self, path: str, why: str) -> None:
        if len(self.left_out) < LEFT_OUT:
            self.left_out.append((os.fsencode(path).decode("utf-8", "backslashreplace"), why))


def _is_text(name: str) -> bool:
    """Whether a name is UTF-8: Python writes other bytes as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
