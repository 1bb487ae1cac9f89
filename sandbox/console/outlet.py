"""A stream that may go away or fail: ``backrooms show last | head`` ends quietly."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

__all__ = ["Outlet"]


class Outlet:
    """Writes to a stream until nobody reads it any more; from then on it swallows what it is given.

    ``fault`` is why it could not be written, where it was not that its reader has gone; ``failed`` says
    that there was one.
    """

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.gone = False
        self.failed = False
        self.fault = ""
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
        """Take note of a reader that has gone away, or a full disk, while something else writes."""
        try:
            yield
        except OSError as error:
            self.gone = True
            if not isinstance(error, BrokenPipeError):
                self.failed = True
                self.fault = os.strerror(error.errno or 0)
            # Python flushes standard output once more at its end, and would complain there.
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self.out.fileno())
                os.close(null)

    def report(self, talk: Outlet) -> None:
        """Say once, on another stream, why this one could not be written."""
        if self.fault:
            talk.write(f"backrooms: not all could be printed: {self.fault}.\n")
            self.fault = ""
