"""What a reader takes out of a transcript: the text selected, a range of lines, or one line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from sandbox.tui.text.sheet import Sheet

__all__ = ["chosen"]

_MOST: Final = 5_000
"""Lines that are copied at once."""


def chosen(sheet: Sheet) -> list[str]:
    """Return the lines that are selected with the mouse, in the range, or at the cursor, as plain text."""
    selected = sheet.screen.get_selected_text()
    if selected:
        return selected.splitlines()
    return [sheet.told.store.line(number).plain() for number in islice(_range(sheet), _MOST)]


def _range(sheet: Sheet) -> Iterator[int]:
    ends = [end for end in (sheet.mark, sheet.cursor) if end is not None]
    if ends:
        for number in sheet.told.store.numbers(min(ends), max(ends)):
            block, index = sheet.told.store.block(number)
            if block.heights[index]:
                yield number
