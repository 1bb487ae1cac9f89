"""What a replay asks of a record: any event by its index, and where turns, times and flags are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Protocol

from sandbox.transcript.event import Event
from sandbox.transcript.pacing import moment

__all__ = ["ListLog", "Log"]


class Log(Protocol):
    """Random access to the events of one run, from index 0, which is ``seq`` 1; it may grow.

    An event belongs to the turn that was last bid for or offered before it or by it; what comes
    before the first one belongs to turn 0.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Event: ...

    def moment(self, index: int) -> float | None:
        """When that event happened, in Unix seconds; None where the record does not say."""

    def turn(self, index: int) -> int:
        """The turn that an event belongs to."""

    def turn_start(self, turn: int) -> int:
        """The first event of this turn, or of the next one there is; the length if there is none."""

    def since(self, moment: float) -> int:
        """The first event that happened at this moment or later; the length if there is none."""

    def flags(self) -> Sequence[int]:
        """The flags, ascending."""


class ListLog:
    """A log in memory: the double, and what short records are read into."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: list[Event] = []
        self._turns: list[int] = []
        self._flags: list[int] = []
        for event in events:
            self.append(event)

    def append(self, event: Event) -> None:
        """Grow by the next event."""
        turn = self._turns[-1] if self._turns else 0
        if event.kind in {"turn.bid", "turn.offered"}:
            told = event.data.get("turn")
            turn = max(turn, told) if isinstance(told, int) else turn
        elif event.kind == "flag":
            self._flags.append(len(self._events))
        self._turns.append(turn)
        self._events.append(event)

    def __len__(self) -> int:
        return len(self._events)

    def __getitem__(self, index: int, /) -> Event:
        return self._events[index]

    def moment(self, index: int) -> float | None:
        return moment(self._events[index])

    def turn(self, index: int) -> int:
        return self._turns[index]

    def turn_start(self, turn: int) -> int:
        return bisect_left(self._turns, turn)

    def since(self, moment: float) -> int:
        moments = (self.moment(index) for index in range(len(self)))
        latest = accumulate((-1.0 if at is None else at for at in moments), max)
        return bisect_left(list(latest), moment)

    def flags(self) -> Sequence[int]:
        return self._flags
