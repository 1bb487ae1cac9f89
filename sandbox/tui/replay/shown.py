"""The part of a run that stands in a transcript: what lies before a position, as far back as was looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sandbox.console.lines import Line
from sandbox.transcript.replay_log import Log
from sandbox.tui.replay.telling import Telling
from sandbox.tui.text.transcript import Transcript

__all__ = ["Shown"]

_STEP: Final = 200
"""Events told at a time, looking back."""
_PAGES: Final = 2
"""Screens that are filled at least, so that there is something to scroll back to."""
_FURTHEST: Final = 2000
"""Events looked back for so many lines, where little is told of many."""
_ON: Final = 1000
"""Events further on that are told in between; what lies beyond is told anew."""


class Shown:
    """Keeps a transcript at a position: the last line told is of the event before it.

    Args:
        transcript: nobody else writes it.
        log: the run.
    """

    def __init__(self, transcript: Transcript, log: Log) -> None:
        self._transcript = transcript
        self._telling = Telling(log)
        self._back = Telling(log)
        """Another one for what lies above, so that going on is not led in anew."""
        self.first = self.last = 0
        """The events that are told: from the index ``first`` up to, not including, ``last``."""

    def move(self, position: int) -> None:
        """Show the run up to a position, whatever way leads there.

        Raises:
            Damaged: something before it cannot be read.
        """
        if self.last <= position <= self.last + _ON:
            self._transcript.append(self._telling.lines(self.last, position))
            self.last = position
        elif position < self.last and (position >= self.first + _STEP or not self.first):
            self._transcript.truncate(position)
            self.last = position
        else:
            self._anew(position)

    def learn(self, cues: Iterable[int]) -> None:
        """Take note of what a teller has to know; what was told without it is told anew."""
        cues = tuple(cues)
        self._back.learn(cues)
        first = self._telling.learn(cues)
        if first is not None and first < self.first:
            self._anew(self.last)

    def earlier(self) -> None:
        """Tell some more of what lies above. Raises Damaged."""
        start, lines = self._before(self.first)
        self._transcript.prepend(lines)
        self.first = start
        self._transcript.has_earlier = start > 0

    def _anew(self, position: int) -> None:
        start, lines = self._before(position)
        self._transcript.clear()
        self._transcript.append(lines)
        self._transcript.has_earlier = start > 0
        self.first, self.last = start, position

    def _before(self, position: int) -> tuple[int, list[Line]]:
        """Enough lines before a position, and the event with which they begin."""
        start, lines = position, list[Line]()
        enough = _PAGES * max(20, self._transcript.size.height)
        while start and len(lines) < enough and position - start < _FURTHEST:
            begin = max(0, start - _STEP)
            lines = self._back.lines(begin, start) + lines
            start = begin
        return start, lines
