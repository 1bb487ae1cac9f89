"""What stands on the screen where nothing else would fit."""

from __future__ import annotations

from typing import Final

from textual.widgets import Static

__all__ = ["HEIGHTS", "WIDTHS", "TooSmall"]

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 18
"""In cells. Below this a line of talk has no room beside its names."""

WIDTHS: Final = [(0, "-tiny"), (LEAST_WIDTH, "-narrow"), (100, "-wide")]
HEIGHTS: Final = [(0, "-flat"), (LEAST_HEIGHT, "-tall")]
"""From how many cells on a page has which class; ``app.tcss`` lays it out by that."""


class TooSmall(Static):
    """Covers a page, which stays as it is below; its keys work on."""

    def __init__(self) -> None:
        super().__init__(
            f"This terminal is too small.\nBackrooms needs {LEAST_WIDTH} x {LEAST_HEIGHT} cells.",
            markup=False,
        )
