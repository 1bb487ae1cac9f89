"""A printer that can be held while a person types: what happens meanwhile is shown afterwards."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

from sandbox.console.printer import Printer
from sandbox.transcript.event import Event

__all__ = ["HeldPrinter"]

MOST: Final = 1000
"""Events kept while it is held; of more, the oldest are not shown. The record has all."""


class HeldPrinter:
    """Passes everything on to ``printer``, but between ``hold`` and ``release`` writes nothing."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._held = False
        self._waiting: deque[tuple[Event, bytes]] = deque()

    def hold(self) -> None:
        """Take the status line away, and leave the screen alone."""
        self._printer.close()
        self._held = True

    def release(self) -> None:
        """Show what has happened meanwhile, and go on."""
        self._held = False
        while self._waiting:
            self._printer.show(*self._waiting.popleft())

    @property
    def gone(self) -> bool:
        return self._printer.gone

    @property
    def failed(self) -> bool:
        return self._printer.failed

    def opening(self, title: str) -> None:
        self._printer.opening(title)

    def progress(self, sentence: str) -> None:
        if not self._held:
            self._printer.progress(sentence)

    def show(self, event: Event, raw: bytes) -> None:
        if not self._held:
            self._printer.show(event, raw)
            return
        self._waiting.append((event, raw))
        if len(self._waiting) > MOST:
            self._printer.skip(self._waiting.popleft()[0])

    def skip(self, event: Event) -> None:
        self._printer.skip(event)

    def hear(self, agent: str, words: str | None) -> None:
        if not self._held:
            self._printer.hear(agent, words)

    def tick(self) -> None:
        if not self._held:
            self._printer.tick()

    def closing(self, folder: Path, last_hash: str) -> None:
        self.release()
        self._printer.closing(folder, last_hash)

    def close(self) -> None:
        self.release()
        self._printer.close()
