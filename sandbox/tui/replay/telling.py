"""Any part of a run, told exactly as it would have been told from the beginning."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final

from sandbox.console.lines import Line
from sandbox.console.narrator import Narrator
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import Log

__all__ = ["Cues", "Telling"]

_CASTS: Final = frozenset({"run.started", "run.resumed"})
_HOUSE: Final = frozenset({"engine", "watch", "operator"})
_LEAD: Final = 32
"""Events told in silence before a part, at least: the last turn's number stands in one of them."""
_LONGEST: Final = 1000
"""Events told in silence at most: those of the open turn, in which the calls stand that are answered."""


class Cues:
    """The few events that a teller has to know, however long ago: casts, limits, and who came uncalled."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._probe = Narrator()

    def take(self, event: Event) -> bool:
        """Move on to the next event; return whether it is one of them."""
        if event.kind in _CASTS:
            agents = event.data.get("agents")
            self._known = set(agents) if isinstance(agents, dict) else set()
            return True
        if event.kind == "operator.limit":
            return True
        if event.actor in self._known or event.actor in _HOUSE:
            return False
        if not self._probe.narrate(event):
            return False  # it was not named yet
        self._known.add(event.actor)
        return True


class Telling:
    """Tells parts of a log; going on where the last part ended costs nothing more.

    Args:
        log: the run; it may grow.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._cues: list[int] = [0]
        self._narrator = Narrator()
        self._position = 0

    def learn(self, cues: Iterable[int]) -> int | None:
        """Take note of cues, by their indices; return the first one that was not known."""
        new = [cue for cue in cues if cue not in self._cues]
        for cue in new:
            insort(self._cues, cue)
        if new and new[0] < self._position:
            self._position = -1  # what was told since was told without it
        return min(new, default=None)

    def lines(self, first: int, last: int) -> list[Line]:
        """Tell the events with the indices from ``first`` up to, not including, ``last``.

        Raises:
            Damaged: one of them cannot be read.
        """
        if first != self._position:
            self._lead(first)
        told: list[Line] = []
        for index in range(first, last):
            told += self._narrator.narrate(self._log[index])
            self._position = index + 1
        return told

    def _lead(self, first: int) -> None:
        """Let a new teller know what it has to before an event."""
        log = self._log
        self._narrator, self._position = Narrator(), -1
        begin = 0
        if first > _LEAD:
            turn = log.turn_start(log.turn(first - 1))
            begin = max(min(turn, first - _LEAD), first - _LONGEST)
        cues = self._cues[: bisect_left(self._cues, begin)]
        for index in (*cues, *range(begin, first)):
            self._narrator.narrate(log[index])
        self._position = first
