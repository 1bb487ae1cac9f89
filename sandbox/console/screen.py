"""A run on a terminal: colours, wrapped lines, and a status line while it plays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, TextIO

from rich.cells import cell_len

from sandbox.clock import Clock, SystemClock
from sandbox.console.lines import Line, Span
from sandbox.console.narrator import Narrator
from sandbox.console.neutral import neutralise
from sandbox.console.outlet import Outlet
from sandbox.console.status import Status
from sandbox.console.terminal import draw, styled, terminal
from sandbox.transcript.event import Event

__all__ = ["TerminalPrinter"]

_ERASE: Final = "\r\x1b[2K"
_AT_MOST_EVERY: Final = 0.1
"""Seconds between two drawings of the status line: a fast run would draw nothing else."""


class TerminalPrinter:
    """Prints lines as they come; between ``opening`` and ``closing`` a status line stands below them."""

    def __init__(self, out: TextIO, clock: Clock | None = None, talk: TextIO | None = None) -> None:
        self._clock = SystemClock() if clock is None else clock
        self._outlet = Outlet(out)
        self._talk = Outlet(sys.stderr if talk is None else talk)
        self._console = terminal(out)
        self._narrator = Narrator()
        self._status = Status()
        self._began: float | None = None
        self._drawn = float("-inf")
        self._standing = False

    @property
    def gone(self) -> bool:
        return self._outlet.gone

    @property
    def failed(self) -> bool:
        return self._outlet.failed

    def opening(self, title: str) -> None:
        self._began = self._clock.monotonic()
        self.progress(f"Preparing {title}.")

    def progress(self, sentence: str) -> None:
        self._stand((Span(f" {neutralise(sentence, newlines=False)}", "note"),))

    def show(self, event: Event, raw: bytes) -> None:  # noqa: ARG002  # a program's form needs it
        self._status.take(event)
        if lines := self._narrator.narrate(event):
            self._erase()
            self._print(lines)
        if self._clock.monotonic() - self._drawn >= _AT_MOST_EVERY:
            self.tick()

    def skip(self, event: Event) -> None:
        self._status.take(event)
        self._narrator.narrate(event)

    def hear(self, agent: str, words: str | None) -> None:
        self._status.hear(agent, words)
        if self._clock.monotonic() - self._drawn >= _AT_MOST_EVERY:
            self.tick()

    def tick(self) -> None:
        if self._began is not None:
            self._drawn = self._clock.monotonic()
            spans = self._status.spans(self._drawn - self._began)
            room = self._console.width - 2 - sum(cell_len(span.text) for span in spans)
            self._stand((*spans, *self._status.spoken(room)))

    def closing(self, folder: Path, last_hash: str) -> None:
        self._began = None
        self._erase()
        where = neutralise(str(folder), newlines=False)
        rows = (("transcript", where), ("last hash", last_hash))
        self._print(
            [
                Line(0, "engine", what, (Span(text),), (Span(f" {what}", "note"),), 12)
                for what, text in rows
            ]
        )

    def close(self) -> None:
        self._erase()
        self._outlet.report(self._talk)

    def _erase(self) -> None:
        if self._standing:
            self._standing = False
            self._outlet.write(_ERASE)

    def _print(self, lines: list[Line]) -> None:
        if self.gone:
            return
        width = self._console.width
        with self._outlet.guard():
            for line in lines:
                for row in draw(line, self._console, width):
                    self._console.print(row, soft_wrap=True)

    def _stand(self, spans: tuple[Span, ...]) -> None:
        """Put a line below everything, which the next one takes the place of."""
        self._erase()
        if self.gone or not self._console.is_terminal:
            return
        row = styled(spans)
        row.truncate(self._console.width - 1, overflow="ellipsis")
        with self._outlet.guard():
            self._console.print(row, soft_wrap=True, end="")
        self._standing = True
