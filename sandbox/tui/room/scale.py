"""How turns lie on a row of cells: some cells a turn, or some turns a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

__all__ = ["Scale"]

_WIDEST: Final = 8
"""Cells for one turn at most: a run of three turns is no wall."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns 1 to ``turns``, from the left. One of ``per`` and ``wide`` is 1; both are powers of two.

    So a growing run moves what is drawn only when its length has doubled.
    """

    turns: int
    per: int = 1
    """Turns that share a cell."""
    wide: int = 1
    """Cells of a turn."""

    @classmethod
    def of(cls, turns: int, columns: int, stride: int = 1) -> Self:
        """The finest scale at which all turns fit.

        Args:
            turns: the last one that there is.
            columns: cells.
            stride: turns that cannot be told apart, a power of two.
        """
        per, wide = stride, 1
        while per * columns < turns:
            per *= 2
        while per == 1 and wide < _WIDEST and turns * wide * 2 <= columns:
            wide *= 2
        return cls(turns, per, wide)

    @property
    def columns(self) -> int:
        """Cells that are needed."""
        return -(-self.turns // self.per) * self.wide

    def column(self, turn: int) -> int:
        """The first cell of a turn."""
        return max(0, turn - 1) // self.per * self.wide

    def turn(self, column: int) -> int:
        """The first turn at a cell; beyond the ends, the nearest."""
        return max(1, min(self.turns, column // self.wide * self.per + 1))
