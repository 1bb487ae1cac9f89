"""A full row that says why nothing moves: the run is paused, or the view is."""

from __future__ import annotations

from textual.widgets import Static

from sandbox.console.fields import clause

__all__ = ["Banner"]


class Banner(Static):
    """Out of sight while it has nothing to say. Each reason has a banner, and a look, of its own."""

    def __init__(self, look: str) -> None:
        super().__init__(markup=False, classes=look)
        self.display = False
        self._said = ""

    @property
    def said(self) -> str:
        """What stands there; empty if nothing."""
        return self._said

    def say(self, text: str) -> None:
        """Say it, or with an empty text, go."""
        if text != self._said:
            self._said = text
            self.update(f" {clause(text)}", layout=False)  # a row of the page, whatever it says
            self.display = bool(text)
