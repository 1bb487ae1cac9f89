"""Who opens a planted file: the host's kernel tells of it by inotify, whatever kind of box the reader is in.

It tells which file, and so which agent's; not which process. Nothing is watched that the house itself opens.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["Watched"]

IN_OPEN: Final = 0x20
_EVENT: Final = struct.Struct("iIII")
READ: Final = 64 << 10


class Watched:
    """Calls ``opened`` with a file's key each time it was opened; in the event loop, until ``close``.

    ``able`` is whether this machine can tell at all.
    """

    def __init__(self, opened: Callable[[str], None]) -> None:
        self._opened = opened
        self._keys: dict[int, str] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = -1
        if hasattr(self._libc, "inotify_init1"):
            self._handle = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.able = self._handle >= 0
        if self.able:
            asyncio.get_running_loop().add_reader(self._handle, self._read)

    def add(self, path: Path, key: str) -> None:
        """Watch one more file. Raises OSError if the kernel refuses."""
        if not self.able:
            return
        watch = self._libc.inotify_add_watch(self._handle, os.fsencode(path), IN_OPEN)
        if watch < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
        self._keys[watch] = key

    def close(self) -> None:
        """Watch no more; may be called twice."""
        if self._handle >= 0:
            asyncio.get_running_loop().remove_reader(self._handle)
            os.close(self._handle)
            self._handle = -1

    def _read(self) -> None:
        data = os.read(self._handle, READ)
        at = 0
        while at < len(data):
            watch, _, _, size = _EVENT.unpack_from(data, at)
            at += _EVENT.size + size
            if (key := self._keys.get(watch)) is not None:  # none: the kernel's queue ran over
                self._opened(key)
