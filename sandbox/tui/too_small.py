"""What stands on the screen where nothing else would fit."""

from __future__ import annotations

from typing import Final

from textual.widgets import Static

__all__ = ["LEAST_HEIGHT", "LEAST_WIDTH", "TooSmall"]

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 18
"""In cells. Below this a line of talk has no room beside its names."""


class TooSmall(Static):
    """Covers a page, which stays as it is below; its keys work on."""

    def __init__(self) -> None:
        super().__init__(
            f"This terminal is too small.\nBackrooms needs {LEAST_WIDTH} x {LEAST_HEIGHT} cells.",
            markup=False,
        )
