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

__all__ = ["CHANGES", "OPENS", "Watched"]

OPENS: Final = 0x20
CHANGES: Final = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200
"""Written, its metadata changed, or something in a folder moved, made or removed."""
_EVENT: Final = struct.Struct("iIII")
READ: Final = 64 << 10


class Watched:
    """Calls ``happened`` with a file's key each time it was opened, or what else ``mask`` asks for.

    In the event loop, until ``close``. ``able`` is whether this machine can tell at all.
    """

    def __init__(self, happened: Callable[[str], None], mask: int = OPENS) -> None:
        self._happened = happened
        self._mask = mask
        self._keys: dict[int, str] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = -1
        if hasattr(self._libc, "inotify_init1"):
            self._handle = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.able = self._handle >= 0
        if self.able:
            asyncio.get_running_loop().add_reader(self._handle, self.read)

    def add(self, path: Path, key: str) -> None:
        """Watch one more file. Raises OSError if the kernel refuses."""
        if not self.able:
            return
        watch = self._libc.inotify_add_watch(self._handle, os.fsencode(path), self._mask)
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

    def read(self) -> None:
        """Take in what has happened by now; the event loop calls it by itself."""
        if self._handle < 0:
            return
        try:
            data = os.read(self._handle, READ)
        except BlockingIOError:
            return  # it was taken in before
        at = 0
        while at < len(data):
            watch, _, _, size = _EVENT.unpack_from(data, at)
            at += _EVENT.size + size
            if (key := self._keys.get(watch)) is not None:  # none: the kernel's queue ran over
                self._happened(key)
