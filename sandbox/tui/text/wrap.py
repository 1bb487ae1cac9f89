"""Text broken into rows of a width in cells, as ranges of its characters."""

from __future__ import annotations

from typing import Final

from rich.cells import split_graphemes

__all__ = ["rows"]

_NARROW: Final = frozenset(
    chr(code)
    for first, last in (
        (0x20, 0x7E),
        (0xA0, 0xAC),
        (0xAE, 0x2FF),
        (0x370, 0x482),
        (0x2010, 0x2027),
        (0x2030, 0x205E),
        (0x2400, 0x2426),
        (0x2500, 0x25FC),
        (0x2800, 0x28FF),
    )
    for code in range(first, last + 1)
)
"""Characters of one cell, whatever stands beside them; most texts have no other."""


def rows(text: str, width: int) -> list[tuple[int, int]]:
    """Break at newlines, else behind a word, else where the row is full; the blank at a break goes.

    Args:
        text: neutral.
        width: cells, at least 2.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for part in text.split("\n"):
        end = start + len(part)
        if len(part) * 2 <= width:  # no character has over two cells
            found.append((start, end))
        elif part.isascii() or _NARROW.issuperset(part):
            _narrow(text, start, end, width, found)
        else:
            _wide(text, start, end, width, found)
        start = end + 1
    return found


def _narrow(text: str, start: int, end: int, width: int, found: list[tuple[int, int]]) -> None:
    while end - start > width:
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            found.append((start, start + width))
            start += width
        else:
            found.append((start, cut))
            start = cut + 1
    found.append((start, end))


def _wide(text: str, start: int, end: int, width: int, found: list[tuple[int, int]]) -> None:
    """The same where a character may have no cell, or two."""
    spans, _ = split_graphemes(text[start:end])
    first, blank = start, -1  # of the row; where it can be broken
    used = behind = 0  # cells of the row; those behind the blank
    for left, right, cells in spans:
        here = start + left
        bare = text[here : start + right] == " "  # a blank with an accent is no place to break
        if used + cells > width:
            if bare:
                found.append((first, here))
                first, blank, used = start + right, -1, 0
                continue
            if blank > first:
                found.append((first, blank))
                first, used = blank + 1, behind
            if used + cells > width:
                found.append((first, here))
                first, used = here, 0
            blank = -1
        used += cells
        behind += cells
        if bare:
            blank, behind = here, 0
    found.append((first, end))
