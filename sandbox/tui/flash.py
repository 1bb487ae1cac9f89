"""Small news on the last row of a page, for a moment."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.tui.heading import Tone

__all__ = ["Flash"]

_SECONDS: Final = 4.0
"""For each line."""
_MOST: Final = 8
"""Lines shown."""


class Flash(Static):
    """Covers the row above the footer while it has something to say; the next news replaces it."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self._gone: Timer | None = None

    def say(self, text: str, tone: Tone = "calm") -> None:
        """Show a sentence, or several, each on a line; hostile text is made neutral here."""
        lines = text.split("\n")
        more = [f"and {len(lines) - _MOST} more"] * (len(lines) > _MOST)
        self.update("\n".join(f" {clause(line)} " for line in [*lines[:_MOST], *more]))
        self.set_classes(tone)
        self.display = True
        self.call_after_refresh(self._lift)  # a question may open together with the news
        if self._gone is not None:
            self._gone.stop()
        self._gone = self.set_timer(_SECONDS * min(len(lines), _MOST), self._go, name="flash")

    def _lift(self) -> None:
        """Stand above the row that is typed into, where the news would lie over it."""
        asked, rows = self.screen.focused, self.outer_size.height
        free = self.screen.size.height - 1
        low = asked is not None and asked.region.height == 1 and asked.region.y >= free - rows
        self.styles.margin = (
            0,
            0,
            free + 1 - asked.region.y if asked is not None and low else 1,
            0,
        )

    def _go(self) -> None:
        self.display = False
