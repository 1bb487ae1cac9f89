"""The disk under a store: the three calls on which durability rests."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import Protocol

__all__ = ["Disk", "SystemDisk"]


class Disk(Protocol):
    """What keeps bytes and names. Double: ``FrailDisk``, which loses its power; real: ``SystemDisk``."""

    def write(self, fd: int, block: bytes) -> int:
        """Hand bytes to the kernel, at the end of an open file; return how many it took."""

    def sync(self, fd: int) -> None:
        """Come back when all that an open file holds survives a loss of power."""

    def sync_folder(self, folder: Path) -> None:
        """Come back when the names in a folder survive a loss of power."""


class SystemDisk:
    """The machine's own."""

    def write(self, fd: int, block: bytes) -> int:
        return os.write(fd, block)

    def sync(self, fd: int) -> None:
        if sys.platform == "darwin":
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # its fsync stops at the drive's cache
        else:
            os.fdatasync(fd)

    def sync_folder(self, folder: Path) -> None:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
