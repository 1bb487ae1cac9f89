"""The places of a run worth stopping at: its flags, and the notes of its readers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from pathlib import Path

from sandbox.transcript.event import Event
from sandbox.transcript.notes import read_notes

__all__ = ["Marks"]


class Marks:
    """Known as far as the run was read through; the notes at once."""

    def __init__(self) -> None:
        self.flags: list[int] = []
        self.notes: tuple[int, ...] = ()
        """Both by the indices of events, ascending."""
        self._all: list[int] = []

    def take(self, first: int, events: Iterable[Event]) -> None:
        """Take note of the flags among events, of which the first has this index."""
        for index, event in enumerate(events, first):
            if event.kind == "flag":
                self.flags.append(index)
                if index not in self.notes:
                    insort(self._all, index)

    def read(self, folder: Path) -> None:
        """Read the notes anew."""
        self.notes = tuple(sorted({note.seq - 1 for note in read_notes(folder).notes}))
        self._all = sorted({*self.flags, *self.notes})

    def after(self, position: int) -> int | None:
        """The position right behind the next mark; None if none is known."""
        at = bisect_left(self._all, position)
        return self._all[at] + 1 if at < len(self._all) else None

    def before(self, position: int) -> int | None:
        """The position right behind the last mark before the one that was shown last."""
        at = bisect_right(self._all, position - 2)
        return self._all[at - 1] + 1 if at else None
