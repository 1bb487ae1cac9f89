"""Read a record from its first line to its last, one event at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.codec import EVENTS_FILE, decode
from sandbox.transcript.event import Event

__all__ = ["Reading", "events_path", "read"]

_BUFFER: Final = 1 << 18


def read(path: Path) -> Reading:
    """Open a record, given as the run's folder or the file itself, for reading in order.

    Raises:
        TranscriptError: there is no such record, or it may not be read.
    """
    return Reading(events_path(path))


def events_path(path: Path) -> Path:
    """Return the file of a record, given as the run's folder or the file itself."""
    return path / EVENTS_FILE if path.is_dir() else path


class Reading(Iterator[Event]):
    """The events of a record, streamed. ``line`` counts those read, ``raw`` is the last one's bytes.

    ``torn``, known at the end, is the number of bytes behind the last newline: what a killed engine was writing. They
    are reported, not raised, and no event is made of them.

    Raises:
        Damaged: a whole line cannot be read; the message names it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.raw = b""
        self.torn = 0
        try:
            self._file = path.open("rb", buffering=_BUFFER)
        except OSError as error:
            raise TranscriptError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; reading to the end does so too."""
        self._file.close()

    def __next__(self) -> Event:
        raw = self._file.readline() if not self._file.closed else b""
        if not raw.endswith(b"\n"):
            self.torn = self.torn or len(raw)
            self._file.close()
            raise StopIteration
        self.line += 1
        self.raw = raw
        try:
            return decode(raw)
        except Damaged as error:
            self._file.close()
            raise Damaged(
                f"{self.path}:{self.line}: {error}. The {self.line - 1} events before it can be "
                "read; `backrooms verify` says what else can."
            ) from None
