"""Which long texts are shown whole."""

from __future__ import annotations

__all__ = ["Folds"]


class Folds:
    """All are folded at first; each, or all at once, can be unfolded."""

    def __init__(self) -> None:
        self.all = False
        """Whether all but the exceptions are unfolded."""
        self._others: set[int] = set()

    def unfolded(self, number: int) -> bool:
        """Whether this line is shown whole."""
        return (number in self._others) != self.all

    def toggle(self, number: int) -> None:
        """Fold or unfold one line."""
        self._others ^= {number}

    def toggle_all(self) -> None:
        """Unfold all, or fold all."""
        self.all = not self.all
        self._others.clear()

    def forget(self, number: int) -> None:
        """Forget lines from this number on."""
        self._others = {other for other in self._others if other < number}
