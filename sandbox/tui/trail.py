"""Where the reader has been: one view after the other, to go back and forward on."""

from __future__ import annotations

from typing import Final

from sandbox.tui.places import Place

__all__ = ["Trail"]

_MOST: Final = 100


class Trail:
    """Views in their order; going anywhere from the middle forgets what came after."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def visit(self, place: Place) -> None:
        """The reader has come to a place."""
        if self._at >= 0 and self._places[self._at] == place:
            return
        del self._places[self._at + 1 :]
        self._places.append(place)
        del self._places[:-_MOST]
        self._at = len(self._places) - 1

    def step(self, way: int) -> Place | None:
        """Go back or forward by one view; None where there is none."""
        at = self._at + way
        if not 0 <= at < len(self._places):
            return None
        self._at = at
        return self._places[at]

    def swap(self) -> Place | None:
        """Return the view before this one; the next call comes back here."""
        if self._at < 1:
            return None
        before = self._places[self._at - 1]
        self.visit(before)
        return before
