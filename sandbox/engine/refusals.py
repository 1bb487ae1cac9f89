"""Messages that cannot be taken: one event per agent, reason and second, with a count and a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Refusals", "Refused"]

WINDOW: Final = 1.0
"""Seconds in which refusals of one kind are one event: a flood of them is no flood of the record."""
SAMPLE: Final = 200
"""Characters kept of the first one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What is to be recorded."""

    agent: str
    why: str
    sample: str
    count: int


@dataclass(slots=True)
class _Open:
    sample: str
    count: int
    until: float


class Refusals:
    """Counts refused messages. Sans-I/O."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}

    def note(self, agent: str, why: str, sample: str, now: float) -> None:
        """One more message was refused."""
        entry = self._open.get((agent, why))
        if entry is None:
            self._open[agent, why] = _Open(sample[:SAMPLE], 1, now + WINDOW)
        else:
            entry.count += 1

    def due(self) -> float | None:
        """When the oldest window closes."""
        return min((entry.until for entry in self._open.values()), default=None)

    def take(self, now: float, *, all_of_them: bool = False) -> list[Refused]:
        """The windows that have closed by now."""
        closed = [k for k, entry in self._open.items() if all_of_them or entry.until <= now]
        taken = []
        for key in closed:
            entry = self._open.pop(key)
            taken.append(Refused(key[0], key[1], entry.sample, entry.count))
        return taken
