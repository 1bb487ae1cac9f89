"""A stream that may go away: ``backrooms show last | head`` ends quietly."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

__all__ = ["Outlet"]


class Outlet:
    """Writes to a stream until nobody reads it any more; from then on it swallows what it is given."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.gone = False
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")  # an ASCII terminal shows ? rather than a traceback

    def write(self, text: str) -> None:
        """Write at once, so that a reader at the other end of a pipe sees it now."""
        if text and not self.gone:
            with self.guard():
                self.out.write(text)
                self.out.flush()

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Take note of a reader that has gone away while something else writes."""
        try:
            yield
        except BrokenPipeError:
            self.gone = True
            # Python flushes standard output once more at its end, and would complain there.
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self.out.fileno())
                os.close(null)
