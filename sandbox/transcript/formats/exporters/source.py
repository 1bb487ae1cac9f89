"""The run that is exported: the same events however often they are gone through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.part import Part
from sandbox.transcript.formats.redact import Redactor
from sandbox.transcript.reader import events_path, read
from sandbox.transcript.selection import Selection
from sandbox.transcript.tail import tail

__all__ = ["Placed", "Source"]


class Placed(NamedTuple):
    """An event, and the turn that began last before it; 0 before the first."""

    turn: int
    event: Event


class Source:
    """A part of a record, redacted if it is to be. Going through it reads the file anew.

    Its first event, ``run.started``, is of every part, for it says who everybody is. A run that is
    still played is exported up to where it was when this was made. ``torn`` is the number of bytes
    behind the last whole line.
    """

    def __init__(
        self,
        folder: Path,
        part: Part | None = None,
        redactor: Redactor | None = None,
        progress: Callable[[int], None] = lambda events: None,
    ) -> None:
        """Take note of a run.

        Args:
            folder: the run's, or its record.
            part: the turns that are wanted; all if None.
            redactor: takes in the whole run here, whatever the part.
            progress: is told of each event that is read, by its number.

        Raises:
            TranscriptError: the record cannot be read.
        """
        self.path = events_path(folder)
        self.part = Part() if part is None else part
        self.redactor = redactor
        self._progress = progress
        with read(self.path):  # says in a sentence what is wrong, if it cannot be
            pass
        with self.path.open("rb") as file:
            end = tail(file.fileno())
        self.size = end.whole
        self.torn = end.torn
        if redactor is not None:
            for _, event in self._all():
                redactor.learn(event)

    @property
    def as_recorded(self) -> bool:
        """Whether every byte of the record is exported."""
        return self.part.whole and self.redactor is None

    def __iter__(self) -> Iterator[Placed]:
        part = Selection(first=self.part.first, last=self.part.last)
        for number, event in self._all():
            taken = part.takes(event)
            if taken or number == 1:
                shown = event if self.redactor is None else self.redactor.event(event)
                yield Placed(part.turn, shown)
            elif part.over:
                return

    def _all(self) -> Iterator[tuple[int, Event]]:
        left = self.size
        with read(self.path) as reading:
            for event in reading:
                left -= len(reading.raw)
                if left < 0:
                    return
                self._progress(reading.line)
                yield reading.line, event
