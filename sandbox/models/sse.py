"""Server-sent events, sans I/O: bytes in, the data of whole events out."""

from __future__ import annotations

from typing import Final

__all__ = ["EventData", "TooLong"]

LONGEST: Final = 1 << 20
"""Bytes of one event. A maker's longest seen is some kilobytes."""


class TooLong(ValueError):
    """One event is longer than any honest server sends."""


class EventData:
    """Cuts a stream into events; only their ``data`` is kept, comments and other fields are not."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take in the next bytes and return the data of every event that is now whole.

        Raises:
            TooLong: one event has more than ``LONGEST`` bytes.
        """
        self._rest += chunk
        found = []
        while (end := self._rest.find(b"\n", self._searched)) >= 0:
            line = bytes(self._rest[:end]).removesuffix(b"\r")
            del self._rest[: end + 1]
            self._searched = 0
            if line:
                self._take(line)
            elif self._data:
                found.append(self._whole())
        self._searched = len(self._rest)
        if len(self._rest) + self._size > LONGEST:
            raise TooLong(f"one event has more than {LONGEST:,} bytes")
        return found

    def end(self) -> list[bytes]:
        """The event that the stream's end cut off from its empty line, if there is one."""
        if self._rest:
            self._take(bytes(self._rest).removesuffix(b"\r"))
            self._rest.clear()
        return [self._whole()] if self._data else []

    def _take(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
            self._size += len(line)

    def _whole(self) -> bytes:
        data = b"\n".join(self._data)
        self._data.clear()
        self._size = 0
        return data
