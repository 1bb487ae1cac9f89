"""What an import says meanwhile: how many files are through, and how far a large one has come."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.transcript.formats.importing import Outcome

__all__ = ["ImportProgress"]

_MANY = 20
"""Files: fewer are through before anybody wonders."""


class ImportProgress:
    """A line on the terminal that is written over, and gone when the next result is printed.

    Args:
        files: how many there are.
        shown: False where a program reads the results.
    """

    def __init__(self, files: int, *, shown: bool) -> None:
        self._files = files
        self._live = shown and sys.stderr.isatty()
        # Where results scroll by on the same terminal, they themselves say how far it is.
        self._counted = self._live and files > _MANY and not sys.stdout.isatty()
        self._stands = False

    def doing(self, what: str) -> None:
        """Say what is being done with a large file."""
        from sandbox.console import neutralise

        if self._live:
            self._write(f"{neutralise(what, newlines=False):.70}")

    def over(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Hand on what comes of the files, and count them."""
        seen: set[str] = set()
        try:
            for outcome in outcomes:
                seen.add(outcome.file)
                if self._counted:
                    self._write(f"{len(seen):,} of {self._files:,} files")
                else:
                    self._clear()
                yield outcome
        finally:
            self._clear()

    def _write(self, line: str) -> None:
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        self._stands = True

    def _clear(self) -> None:
        if self._stands:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._stands = False
