"""What is written to a growing file from now on, line by line; also where it is turned over for a new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["Tail"]

READ: Final = 1 << 20
"""Bytes that are read at a time: more than this a second is more than can be looked at."""
LINE: Final = 256 << 10
"""Bytes of a line. A longer one is passed over."""


class Tail:
    """Follows the file at ``path``, which need not be there yet. Close it in the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1
        self._rest = b""
        self._too_long = False
        self._open(os.SEEK_END)

    def lines(self) -> Iterator[str]:
        """The whole lines that have come since. Raises OSError if the file cannot be read any more."""
        if self._handle < 0:
            self._open(os.SEEK_SET)
        if self._handle < 0:
            return
        if os.fstat(self._handle).st_size < os.lseek(self._handle, 0, os.SEEK_CUR):
            os.lseek(self._handle, 0, os.SEEK_SET)  # it was emptied
        data = os.read(self._handle, READ)
        if not data and self._replaced():
            self.close()
            self._open(os.SEEK_SET)
            return
        *whole, rest = (self._rest + data).split(b"\n")
        for line in whole:
            if not self._too_long and line.strip():
                yield line.decode("utf-8", "replace")
            self._too_long = False
        self._too_long = self._too_long or len(rest) > LINE
        self._rest = b"" if self._too_long else rest

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _open(self, whence: int) -> None:
        try:
            self._handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return
        os.lseek(self._handle, 0, whence)
        self._rest, self._too_long = b"", False

    def _replaced(self) -> bool:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._handle)
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)
