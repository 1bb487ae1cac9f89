"""What a search says while it reads runs: nothing at first, for most find all in the index."""

from __future__ import annotations

import time
from typing import Final, TextIO

from sandbox.console.outlet import Outlet

__all__ = ["Progress"]

_PATIENCE: Final = 0.5
"""Seconds after which people want to know what is going on."""

_EVERY: Final = 0.1


class Progress:
    """A line on a terminal that is written over; elsewhere one sentence, once."""

    def __init__(self, talk: TextIO) -> None:
        self._talk = Outlet(talk)
        self._live = talk.isatty()
        self._next = time.monotonic() + _PATIENCE
        self._stands = False

    def tell(self, done: int, of: int) -> None:
        """Say how many runs are through, if it is time to."""
        if time.monotonic() < self._next:
            return
        if self._live:
            self._talk.write(f"\r\x1b[2KReading runs: {done:,} of {of:,} ")
            self._next = time.monotonic() + _EVERY
        else:
            runs = "the run is" if of == 1 else f"up to {of:,} runs are"
            self._talk.write(f"This takes a while: {runs} read.\n")
            self._next = float("inf")
        self._stands = self._live

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._stands:
            self._talk.write("\r\x1b[2K")
            self._stands = False
