"""Where turns begin, and the places worth going to: flags and a reader's notes."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.console.fields import word
from sandbox.transcript.event import Event

__all__ = ["Mark", "Marks"]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One event to go to, and what to say there; the text is neutral."""

    seq: int
    text: str


class Marks:
    """Filled by the events of one run in their order."""

    def __init__(self) -> None:
        self.flags = 0
        self._turns = array("Q")
        self._numbers = array("Q")
        self._flags: list[Mark] = []
        self._notes: list[Mark] = []

    def take(self, event: Event) -> None:
        """Move on by one event."""
        if event.kind == "flag":
            self.flags += 1
            about = f"{word(event.data, 'id')}  {word(event.data, 'title')}"
            self._flags.append(Mark(event.seq, about))
        elif event.kind in {"turn.bid", "turn.offered"}:
            turn = event.data.get("turn")
            last = self._numbers[-1] if self._numbers else 0
            if isinstance(turn, int) and last < turn < 1 << 53:
                self._numbers.append(turn)
                self._turns.append(event.seq)

    def set_notes(self, notes: Iterable[Mark]) -> None:
        """These are the notes; no others."""
        self._notes = sorted(notes)

    def turn_of(self, seq: int) -> int:
        """The turn that an event belongs to; 0 before the first."""
        at = bisect_right(self._turns, seq)
        return self._numbers[at - 1] if at else 0

    def start_of(self, turn: int) -> int | None:
        """The first event of a turn, or of the next one that is known; None if there is none."""
        at = bisect_left(self._numbers, turn)
        return self._turns[at] if at < len(self._turns) else None

    def beside(self, seq: int, *, back: bool) -> tuple[Mark, int, int] | None:
        """The next mark after an event, or the one before; which it is, and of how many."""
        marks = [*self._flags]
        for note in self._notes:
            insort(marks, note)
        seqs = [mark.seq for mark in marks]
        at = bisect_left(seqs, seq) - 1 if back else bisect_right(seqs, seq)
        return (marks[at], at + 1, len(marks)) if 0 <= at < len(marks) else None
