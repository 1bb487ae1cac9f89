"""Bytes that are kept out of memory: written to the end of a temporary file without a name, read by offset."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path
from typing import Final

__all__ = ["Spool"]

_TAIL: Final = 1 << 16
"""Bytes that are gathered before they are written."""


class Spool:
    """Grows at its end; nothing is left of it when it is closed, or the process gone.

    On a disk that takes no more, what comes stays in memory: a view must not end because of that.
    """

    def __init__(self) -> None:
        self._fd = -1
        self._written = 0
        self._tail = bytearray()
        self._full = False
        self._finalizer: weakref.finalize[[int], Spool] | None = None

    def __len__(self) -> int:
        return self._written + len(self._tail)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._tail += data
        if len(self._tail) >= _TAIL and not self._full:
            self._flush()

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to ``end``; both lie within the spool."""
        kept = b""
        if start < self._written:
            kept = os.pread(self._fd, min(end, self._written) - start, start)
        return kept + self._tail[max(start - self._written, 0) : max(end - self._written, 0)]

    def truncate(self, size: int) -> None:
        """Forget what lies beyond ``size`` bytes."""
        del self._tail[max(size - self._written, 0) :]
        if size < self._written:
            os.ftruncate(self._fd, size)
            self._written = size

    def close(self) -> None:
        """Forget everything; it can be written to again."""
        if self._finalizer is not None:
            self._finalizer()
            self._finalizer = None
        self._fd, self._written, self._full = -1, 0, False
        self._tail.clear()

    def _flush(self) -> None:
        try:
            if self._fd < 0:
                self._fd, name = tempfile.mkstemp(prefix="backrooms-")
                self._finalizer = weakref.finalize(self, os.close, self._fd)
                Path(name).unlink()
            done = 0
            while done < len(self._tail):
                done += os.pwrite(self._fd, self._tail[done:], self._written + done)
        except OSError:
            self._full = True
            return
        self._written += len(self._tail)
        self._tail.clear()
