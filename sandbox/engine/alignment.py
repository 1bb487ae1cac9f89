"""Two runs beside each other, turn by turn: how far they are the same, and where they first part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sandbox.engine.tally import Tally
from sandbox.engine.turn_parts import Aspect, Unlike

__all__ = ["Alignment", "Relation", "Side", "TurnPair"]

Relation: TypeAlias = Literal[
    "the same run", "child", "parent", "siblings", "one scenario", "unrelated"
]
"""What the second run is to the first. A child is a fork or a rerun of its parent."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: what it is, who plays in it, what it came to."""

    run: str
    title: str
    models: Mapping[str, str]
    tally: Tally


@dataclass(frozen=True, slots=True)
class TurnPair:
    """A turn of both runs, or of the only one that has it: 0 is what comes before the first one.

    ``speakers`` and ``seqs`` (of the turn's first event) are None where a run has no such turn, or
    nobody had the floor. ``what`` is empty where the turns are the same.
    """

    turn: int
    speakers: tuple[str | None, str | None]
    seqs: tuple[int | None, int | None]
    what: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two runs compared; ``first`` and all texts in it are hostile.

    ``setup`` is what was given to the agents, not what they made of it. ``common_events`` counts the
    events before the first one that differs, ``common_turns`` the turns that are the same from turn 1.
    """

    sides: tuple[Side, Side]
    relation: Relation
    setup: tuple[Unlike, ...]
    turns: tuple[TurnPair, ...]
    first: tuple[Unlike, ...]
    """How the first turn that differs does; empty if none does."""
    common_events: int

    @property
    def parting(self) -> TurnPair | None:
        """The first turn that differs; None if none does."""
        return next((pair for pair in self.turns if pair.what), None)

    @property
    def common_turns(self) -> int:
        """How many turns are the same before the first one that differs."""
        parting = self.parting
        turns = (pair.turn for pair in self.turns if parting is None or pair.turn < parting.turn)
        return sum(turn > 0 for turn in turns)

    @property
    def same(self) -> bool:
        """Whether nothing differs but what belongs to one occasion."""
        return not self.setup and self.parting is None
