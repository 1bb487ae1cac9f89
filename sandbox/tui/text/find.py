"""What was looked for, and which lines hold it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from sandbox.tui.text.store import Store

__all__ = ["Find"]

_SLICE: Final = 128
"""Blocks looked through in one go: about 20 ms."""


class Find:
    """One search: the numbers of the lines that hold a text, in their order; it grows with the lines.

    Lines that a filter hides are no hits. Letters are compared in lower case.
    """

    def __init__(self, text: str, store: Store) -> None:
        self.text = text
        self.needle = text.lower()
        self.hits = array("q")
        self._store = store
        self._whole = False

    def slices(self) -> Iterator[None]:
        """Look through all lines anew; pauses between two slices."""
        del self.hits[:]
        self._whole = False
        place = 0
        while place < len(self._store.blocks):
            self._scan(place, 0)
            place += 1
            if place % _SLICE == 0:
                yield
        self._whole = True

    def grow(self, after: int | None) -> None:
        """Look through the lines that came after that one; None stands for all."""
        if self._whole:  # else it comes there by itself
            first = self._store.first if after is None else after >> 10
            for place in range(first - self._store.first, len(self._store.blocks)):
                begin = 0 if after is None else after + 1 - self._store.number(place, 0)
                self._scan(place, max(begin, 0))

    def _scan(self, place: int, first: int) -> None:
        block, base = self._store.blocks[place], self._store.number(place, 0)
        heights = block.heights
        found = self._store.holding(block, self.needle)
        self.hits.extend([base + at for at in found if at >= first and heights[at]])

    def place(self, number: int | None) -> int:
        """Which hit that line is, from 1; 0 if it is none."""
        if number is None:
            return 0
        at = bisect_left(self.hits, number)
        return at + 1 if at < len(self.hits) and self.hits[at] == number else 0

    def after(self, number: int) -> int | None:
        """Return the next hit after a line, the first one behind the last; None without hits."""
        if not self.hits:
            return None
        return self.hits[bisect_right(self.hits, number) % len(self.hits)]

    def before(self, number: int) -> int | None:
        """Return the hit before a line, the last one before the first; None without hits."""
        if not self.hits:
            return None
        return self.hits[bisect_left(self.hits, number) - 1]
