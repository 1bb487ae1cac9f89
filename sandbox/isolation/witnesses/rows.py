"""How much of one box is told in one turn: what is the same again and again is counted, and hides nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox.isolation.supervisor.caller import NOBODY
from sandbox.isolation.supervisor.started import OF_ONE

if TYPE_CHECKING:
    from sandbox.isolation.supervisor.denied import Denied

__all__ = ["CALLS", "STARTS", "DeniedRows", "StartedRows"]

CALLS: Final = 128
"""Denied calls of one agent that are told one by one in one turn."""
STARTS: Final = 200
"""Programs of one agent that are told of in one turn; of more, how many starts there were."""


class DeniedRows:
    """Of many denied calls in one turn the first are told, and the first of each way out; the rest is counted."""

    def __init__(self) -> None:
        self._told: Counter[tuple[str, str]] = Counter()
        self._rest: dict[tuple[str, str], Denied] = {}

    def now(self, found: Iterable[Denied]) -> list[Denied]:
        """Which of these are to be told at once."""
        return [one for one in found if self._is_due(one)]

    def rest(self) -> list[Denied]:
        """What was counted since the turn began, by call and way out; begins another turn."""
        found = list(self._rest.values())
        self._told.clear()
        self._rest.clear()
        return found

    def _is_due(self, one: Denied) -> bool:
        kind = one.call, one.technique
        if self._told.total() < CALLS or not self._told[kind]:
            self._told[kind] += 1
            return True
        if kind in self._rest:
            self._rest[kind].count += one.count
        else:
            self._rest[kind] = replace(one, caller=NOBODY)
        return False


class StartedRows:
    """Of many programs in one turn the first are told; ``left_out`` counts the starts of the others."""

    def __init__(self) -> None:
        self._told: Counter[str | None] = Counter()
        self.left_out = 0

    def take(self, program: str | None, count: int) -> bool:
        """Whether a program that was started ``count`` times by one command line is told of."""
        if self._told.total() >= STARTS or self._told[program] >= OF_ONE:
            self.left_out += count
            return False
        self._told[program] += 1
        return True
