"""The head and the tail of an output that may be endless."""

from __future__ import annotations

from collections import deque

__all__ = ["Excerpt"]


class Excerpt:
    """Keeps the first and the last half of ``limit`` bytes, and counts what lies between."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._size = 0

    def add(self, data: bytes) -> None:
        """Take in the next bytes; memory stays below ``limit`` and one piece of data."""
        self._size += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if not data:
            return
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._half:
            self._tail_size -= len(self._tail.popleft())

    def read(self) -> tuple[str, int]:
        """The text, with a line that says how much was cut, and that number of bytes."""
        head, tail = bytes(self._head), b"".join(self._tail)
        if self._size <= 2 * self._half:
            return (head + tail).decode("utf-8", "replace"), 0
        head, tail = _without_torn_end(head), _without_torn_start(tail[-self._half :])
        cut = self._size - len(head) - len(tail)
        middle = f"\n[{cut} bytes left out]\n"
        return head.decode("utf-8", "replace") + middle + tail.decode("utf-8", "replace"), cut


def _without_torn_start(data: bytes) -> bytes:
    """Leave out up to three bytes that continue a character whose start was cut."""
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    return data[start:]


def _without_torn_end(data: bytes) -> bytes:
    """Leave out up to three bytes of a character whose end was cut."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        whole = 2 if byte & 0xE0 == 0xC0 else 3 if byte & 0xF0 == 0xE0 else 4 if byte >= 0xF0 else 1
        return data[:-back] if whole > back else data
    return data
