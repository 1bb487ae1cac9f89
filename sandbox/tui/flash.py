"""Small news on the last row of a page, for a moment."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.tui.heading import Tone

__all__ = ["Flash"]

_SECONDS: Final = 4.0


class Flash(Static):
    """Covers the row above the footer while it has something to say; the next news replaces it."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self._gone: Timer | None = None

    def say(self, text: str, tone: Tone = "calm") -> None:
        """Show a sentence; hostile text is made neutral here."""
        self.update(f" {clause(text)} ")
        self.set_classes(tone)
        self.display = True
        if self._gone is not None:
            self._gone.stop()
        self._gone = self.set_timer(_SECONDS, self._go, name="flash")

    def _go(self) -> None:
        self.display = False
