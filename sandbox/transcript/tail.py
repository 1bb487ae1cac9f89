"""The two ends of a record, read without what lies between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Tail", "first_line", "last_lines", "tail"]

_BLOCK: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a record.

    ``line`` is the last whole line (empty if there is none), ``whole`` the bytes up to its end, and
    ``torn`` the bytes behind it.
    """

    line: bytes
    whole: int
    torn: int


def tail(fd: int) -> Tail:
    """Find the last whole line of an open file, and what was torn off behind it."""
    size = os.fstat(fd).st_size
    torn = 0
    for line in last_lines(fd, size):
        if line.endswith(b"\n"):
            return Tail(line, size - torn, torn)
        torn = len(line)
    return Tail(b"", 0, torn)


def last_lines(fd: int, size: int) -> Iterator[bytes]:
    """Read the lines of an open file from the last to the first, newlines included.

    What follows the last newline up to ``size`` comes first, and is a line without a newline.
    """
    start, step, held = size, _BLOCK, b""
    while start > 0:
        step = min(step, start)
        start -= step
        held = os.pread(fd, step, start) + held
        while (cut := held.rfind(b"\n", 0, -1)) >= 0:
            yield held[cut + 1 :]
            held = held[: cut + 1]
        step *= 2  # a line of many blocks is put together in few steps
    if held:
        yield held


def first_line(fd: int) -> bytes:
    """Read the first line of an open file, newline included; empty if there is no whole line."""
    parts: list[bytes] = []
    at, step = 0, _BLOCK
    while part := os.pread(fd, step, at):
        parts.append(part)
        if b"\n" in part:
            whole = b"".join(parts)
            return whole[: whole.index(b"\n") + 1]
        at += len(part)
        step *= 2
    return b""
