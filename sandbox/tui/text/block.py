"""Up to 1,024 lines that follow each other: where they lie in the spool, and what is asked of them often."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import Final

__all__ = ["SIZE", "Block"]

SIZE: Final = 1024


class Block:
    """Numbers of a few bytes a line; the lines themselves are in the spools.

    ``heights`` has 0 for a line that is filtered out. For another width than ``width`` the heights
    are those of the old one until ``estimate`` is called: good enough for a scroll bar.
    """

    __slots__ = (
        "_tops", "breaks", "ends", "heights", "lengths", "line_start", "rows", "seqs",
        "text_ends", "text_start", "what", "who", "width",
    )  # fmt: skip

    def __init__(self, line_start: int, text_start: int, width: int) -> None:
        self.line_start = line_start
        self.text_start = text_start
        self.width = width
        self.ends = array("I")
        """Where each line ends in its spool, from ``line_start``."""
        self.text_ends = array("I")
        """Where the text of each ends that a search sees, from ``text_start``."""
        self.seqs = array("I")
        self.lengths = array("I")
        """Characters of the body; 0 for a rule, which has one row."""
        self.breaks = array("H")
        """Newlines in the body."""
        self.who = array("H")
        self.what = array("H")
        self.heights = array("I")
        self.rows = 0
        self._tops: list[int] | None = None

    def __len__(self) -> int:
        return len(self.seqs)

    @property
    def tops(self) -> list[int]:
        """The row within the block at which each line begins, and where the last one ends."""
        if self._tops is None:
            self._tops = [0, *accumulate(self.heights)]
        return self._tops

    def set_heights(self, first: int, heights: array[int]) -> None:
        """Set the heights from one line on, up to the end."""
        self.heights[first:] = heights
        self._tops = None
        self.rows = sum(self.heights)

    def set_height(self, index: int, rows: int) -> int:
        """Set one height; return by how many rows the block has grown."""
        grown = rows - self.heights[index]
        if grown:
            self.heights[index] = rows
            self.rows += grown
            self._tops = None
        return grown

    def cut(self, count: int) -> None:
        """Keep the first ``count`` lines."""
        for numbers in (self.ends, self.text_ends, self.seqs, self.lengths, self.breaks):
            del numbers[count:]
        del self.who[count:], self.what[count:]
        self.set_heights(count, array("I"))
