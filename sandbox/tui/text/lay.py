"""A told line laid out for a width: a column for names, the body wrapped beside it, folded if it is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from sandbox.console.lines import Line
from sandbox.tui.text.wrap import rows

__all__ = ["FOLDED", "Laid", "lay"]

FOLDED: Final = 12
"""Rows shown of a longer text; one more says how many are not."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Where the rows of a body begin and end, the margin beside them, and how many are hidden."""

    margin: int
    rows: tuple[tuple[int, int], ...]
    hidden: int = 0
    foldable: bool = False

    @property
    def height(self) -> int:
        """Rows on the screen."""
        return len(self.rows) + (self.hidden > 0)


def lay(line: Line, width: int, *, unfolded: bool = False) -> Laid:
    """Lay one line out for a width in cells."""
    if line.rule:
        return Laid(0, ((0, len(line.text)),))
    head = sum(cell_len(span.text) for span in line.head)
    margin = min(max(line.indent, head + 1), width // 3)
    mark = 0 if line.mark is None else cell_len(line.mark.text)
    found = rows(line.text, max(width - margin - mark, 2))
    hidden = len(found) - FOLDED
    if hidden <= 1:  # the note would take the row of what it hides
        return Laid(margin, tuple(found))
    if unfolded:
        return Laid(margin, tuple(found), foldable=True)
    return Laid(margin, tuple(found[:FOLDED]), hidden, foldable=True)
