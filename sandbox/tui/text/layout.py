"""Where the lines of a store stand for a width: exact where they were seen, estimated elsewhere."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import and_
from typing import Final

from sandbox.console.lines import Line
from sandbox.tui.text.block import SIZE, Block
from sandbox.tui.text.filter import Filter
from sandbox.tui.text.folds import Folds
from sandbox.tui.text.lay import FOLDED, Laid, lay
from sandbox.tui.text.recent import Recent
from sandbox.tui.text.store import Store

__all__ = ["SLICE", "Layout"]

SLICE: Final = 128
"""Blocks looked at in one go: about 50 ms for a filter of three terms."""
_KEPT: Final = 512
"""Lines that are kept as they were laid out."""


class Layout:
    """Rows are counted from the first line; lines that a filter hides have none.

    A line has its exact height from the moment it is asked for by ``laid``. Until then its height
    is estimated from its length, so that neither appending nor a new width has to wrap every line.
    """

    def __init__(self) -> None:
        self.store = Store()
        self.folds = Folds()
        self.width = 0
        self.filters: list[Filter] = []
        self._indent = 0
        self._tops: list[int] | None = None
        self._laid: Recent[int, tuple[Line, Laid]] = Recent(_KEPT)

    # lines -------------------------------------------------------------------------------------

    def append(self, lines: Iterable[Line]) -> int:
        """Add lines at the end; return how many of them are seen."""
        store = self.store
        seen = 0
        for number in store.append(lines, self.width):
            block = store.blocks[number - store.first]
            seen += self._enter(block, len(block.heights))
        if store.blocks:
            self._learn_indent()
        self._tops = None
        return seen

    def prepend(self, lines: Sequence[Line]) -> None:
        """Add earlier lines before the first."""
        for block in self.store.blocks[: self.store.prepend(lines, self.width)]:
            self._enter(block, 0)
        self._tops = None

    def truncate(self, seq: int) -> None:
        """Forget the lines of events after ``seq``."""
        self.store.truncate(seq)
        self._laid.clear()
        if (last := self.last) is not None:
            self.folds.forget(last + 1)
        self._tops = None

    def clear(self) -> None:
        """Forget all lines; filters stay."""
        self.store.clear()
        self.folds = Folds()
        self._laid.clear()
        self._tops = None

    # rows --------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """How many rows all lines have together."""
        return self._block_tops()[-1]

    @property
    def first(self) -> int | None:
        """The first line that is seen."""
        return self.nearest(self.store.first << 10) if len(self.store) else None

    @property
    def last(self) -> int | None:
        """The last line that is seen."""
        return self.before(None)

    def laid(self, number: int) -> tuple[Line, Laid]:
        """Lay a line out; from now on its height is exact."""
        found = self._laid.get(number)
        if found is None:
            line = self.store.line(number)
            found = line, lay(line, self.width, unfolded=self.folds.unfolded(number))
            self._laid[number] = found
        block, index = self.store.block(number)
        if block.heights[index] and block.set_height(index, found[1].height):
            self._tops = None
        return found

    def height(self, number: int) -> int:
        """The exact height of a line."""
        return self.laid(number)[1].height

    def top(self, number: int) -> int:
        """The row at which a line begins."""
        block, index = self.store.block(number)
        return self._block_tops()[(number >> 10) - self.store.first] + block.tops[index]

    def at(self, row: int) -> tuple[int, int] | None:
        """Return the line that has a row, and which of its rows that is; None without lines.

        A row below the last belongs to the last line.
        """
        tops = self._block_tops()
        row = max(0, min(row, tops[-1] - 1))
        if tops[-1] == 0:
            return None
        at = bisect_right(tops, row) - 1
        inner = self.store.blocks[at].tops
        index = bisect_right(inner, row - tops[at]) - 1
        return self.store.number(at, index), row - tops[at] - inner[index]

    def after(self, number: int) -> int | None:
        """Return the next line that is seen."""
        at, index = (number >> 10) - self.store.first, (number & (SIZE - 1)) + 1
        for place in range(at, len(self.store.blocks)):
            block = self.store.blocks[place]
            if block.rows:
                for each in range(index, len(block)):
                    if block.heights[each]:
                        return self.store.number(place, each)
            index = 0
        return None

    def before(self, number: int | None) -> int | None:
        """Return the line that is seen before this one; None stands behind the last."""
        blocks = self.store.blocks
        at = len(blocks) - 1 if number is None else (number >> 10) - self.store.first
        index = None if number is None else (number & (SIZE - 1)) - 1
        for place in range(at, -1, -1):
            block = blocks[place]
            if block.rows:
                for each in range(len(block) - 1 if index is None else index, -1, -1):
                    if block.heights[each]:
                        return self.store.number(place, each)
            index = None
        return None

    def nearest(self, number: int) -> int | None:
        """Return this line if it is seen, else one that is, near it."""
        block, index = self.store.block(number)
        if block.heights[index]:
            return number
        return self.after(number) or self.before(number)

    # what changes the rows of all lines --------------------------------------------------------

    def resize(self, width: int) -> None:
        """Lay out for another width; what is not seen keeps its old heights until ``estimate``."""
        self.width = width
        self._laid.clear()

    def estimate(self) -> Iterator[None]:
        """Estimate the heights for the width of now; pauses between two slices."""
        done = 0
        for block in [*self.store.blocks]:
            if block.width != self.width:
                shown = [height > 0 for height in block.heights]
                self._estimate(block, 0, shown)
                self._tops = None
                done += 1
                if done % SLICE == 0:
                    yield

    def filter(self, filters: list[Filter]) -> Iterator[None]:
        """Hide what one of the filters does not take; pauses between two slices."""
        self.filters = filters
        for done, block in enumerate([*self.store.blocks], 1):
            self._enter(block, 0)
            self._tops = None
            if done % SLICE == 0:
                yield

    def fold(self, number: int) -> bool | None:
        """Fold or unfold a line; say if it is unfolded now, or None where there is nothing to fold."""
        _, laid = self.laid(number)
        if not laid.foldable:
            return None
        self.folds.toggle(number)
        self._laid.discard(number)
        self.laid(number)
        return self.folds.unfolded(number)

    def fold_all(self) -> Iterator[None]:
        """Unfold all lines, or fold all; pauses between two slices."""
        self.folds.toggle_all()
        self._laid.clear()
        for block in self.store.blocks:
            block.width = -1
        return self.estimate()

    def shown(self) -> int:
        """Count the lines that no filter hides."""
        if not self.filters:
            return len(self.store)
        return sum(len(block) - block.heights.count(0) for block in self.store.blocks)

    def _learn_indent(self) -> None:
        last = self.store.blocks[-1]
        number = self.store.number(len(self.store.blocks) - 1, len(last) - 1)
        self._indent = self.store.line(number).indent

    def _enter(self, block: Block, first: int) -> int:
        """Set the heights of a block from one line on; return how many of those are seen."""
        shown: Sequence[bool] = ()
        for each in self.filters:
            mask = each.mask(self.store, block, first)
            shown = list(map(and_, shown, mask)) if shown else mask
        self._estimate(block, first, shown)
        return sum(shown) if self.filters else len(block) - first

    def _estimate(self, block: Block, first: int, shown: Sequence[bool]) -> None:
        """Estimate the heights from one line on; all are seen where nothing is said of it."""
        room = max(self.width - self._indent, 8)
        most = 1 << 20 if self.folds.all else FOLDED + 1
        lengths, breaks = block.lengths[first:], block.breaks[first:]
        heights = [
            (height if (height := 1 + newlines + (length - 1) // room) < most else most)
            if length and seen
            else seen
            for length, newlines, seen in zip(
                lengths, breaks, shown or [True] * len(lengths), strict=True
            )
        ]
        block.set_heights(first, array("I", heights))
        if first == 0:
            block.width = self.width

    def _block_tops(self) -> list[int]:
        if self._tops is None:
            self._tops = [0, *accumulate(block.rows for block in self.store.blocks)]
        return self._tops
