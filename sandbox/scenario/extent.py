"""How far a value reaches on its line, for marks under it and for what is written in its place."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["extent"]

_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""")
_PLAIN: Final = re.compile(
    r"[^\s,\[\]{}#:]+(?:(?::(?=\S)|(?<=\S)#|[ ](?=[^\s#:\-,\[\]{}]))[^\s,\[\]{}#:]*)*"
)


def extent(line: str, column: int) -> tuple[int, int]:
    """Where the key or value that begins at a column starts and ends; both count from 1, the end is behind it.

    A value of several lines ends with its first. Where nothing begins, one character is taken, so
    that there is something to mark.
    """
    start = min(max(column, 1), len(line) + 1) - 1
    for pattern in (_QUOTED, _PLAIN):
        if found := pattern.match(line, start):
            return start + 1, found.end() + 1
    return start + 1, min(start + 1, len(line)) + 1
