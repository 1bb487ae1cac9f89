"""What one reading may cost: hostile text ends the reading, never the reader."""

from __future__ import annotations

from typing import Final

__all__ = ["STEPS", "TEXT", "Budget", "Spent"]

TEXT: Final = 65_536
"""Characters of one text that are read; of a longer one its first and last half."""

STEPS: Final = 12_000
"""Commands, words that need expansion, expressions of code: under a quarter of a second."""
_BYTES: Final = 1_000_000
"""Characters that expansion and decoding make."""


class Spent(Exception):  # it ends a reading and is no failure
    """The reading has cost what it may; what was found so far stands."""


class Budget:
    """Counts what a reading does, of whatever depth; ``used`` are all steps that it has taken."""

    __slots__ = ("_all", "_bytes", "_steps", "depth", "used")

    def __init__(self, steps: int = STEPS) -> None:
        self._all = self._steps = steps
        self._bytes = _BYTES
        self.depth = self.used = 0

    def renew(self) -> None:
        """Begin anew, for a part of the same text."""
        self._steps, self._bytes, self.depth = self._all, _BYTES, 0

    def step(self, number: int = 1) -> None:
        """Do something; raises Spent when that was too much."""
        self._steps -= number
        self.used += number
        if self._steps < 0:
            raise Spent

    def take(self, size: int) -> None:
        """Make so many characters; raises Spent when there are too many."""
        self._bytes -= size
        if self._bytes < 0:
            raise Spent
