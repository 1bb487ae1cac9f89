"""Texts and lists of texts in the memory of a process whose call waits. What they hold is the process' own word."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["ARGV", "TEXT", "Memory", "memory_of"]

TEXT: Final = 4096
"""Bytes of one text; Linux takes no longer path."""
ARGV: Final = 64
"""Arguments that are read of a command line; all together are of ``TEXT`` bytes at most."""
_POINTER: Final = struct.Struct("=Q")


class Memory:
    """Reads by a descriptor of /proc/PID/mem. A place that is not there is None, like the address 0."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def bytes_at(self, address: int, most: int = TEXT) -> bytes | None:
        """What stands at ``address`` up to a NUL, or ``most`` bytes."""
        data = self._read(address, most)
        return None if data is None else data.partition(b"\0")[0]

    def text(self, address: int, most: int = TEXT) -> str | None:
        """The same as text; bytes that are none are replaced."""
        data = self.bytes_at(address, most)
        return None if data is None else data.decode("utf-8", "replace")

    def texts(self, address: int) -> list[str] | None:
        """The texts that an array of pointers names, up to its null pointer; what is beyond the limits is cut."""
        array = self._read(address, (ARGV + 1) * _POINTER.size)
        if array is None:
            return None
        found: list[str] = []
        left, start, block = TEXT, 0, b""
        for place in self._places(array):
            # They mostly lie beside each other: one look serves many.
            if not start <= place < start + len(block) or b"\0" not in block[place - start :]:
                start, block = place, self._read(place, left) or b""
            data = block[place - start :].partition(b"\0")[0][:left]
            found.append(data.decode("utf-8", "replace"))
            left -= len(data) + 1
            if left <= 0:
                break
        return found

    def _places(self, array: bytes) -> Iterator[int]:
        usable = array[: len(array) // _POINTER.size * _POINTER.size]
        for (place,) in list(_POINTER.iter_unpack(usable))[:ARGV]:
            if place == 0:
                return
            yield place

    def _read(self, address: int, size: int) -> bytes | None:
        if not 0 < address < 1 << 63:
            return None
        try:
            return os.pread(self._descriptor, size, address) or None
        except OSError:
            return None


@contextmanager
def memory_of(pid: int, proc: Path = Path("/proc")) -> Iterator[Memory]:
    """Open a process' memory for reading. Raises OSError: it is gone, or another user's."""
    descriptor = os.open(f"{proc}/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield Memory(descriptor)
    finally:
        os.close(descriptor)
