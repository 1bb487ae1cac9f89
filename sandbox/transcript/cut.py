"""Take a torn last line off a record, before it is appended to again."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.errors import TranscriptError
from sandbox.transcript.lock import hold
from sandbox.transcript.reader import events_path
from sandbox.transcript.tail import tail

__all__ = ["cut_torn_tail"]


def cut_torn_tail(path: Path) -> bytes:
    """Take a torn last line off a record, so that it can be appended to; return what was cut.

    Raises:
        TranscriptError: an engine writes the record now, or it may not be opened.
    """
    path = events_path(path)
    try:
        with path.open("r+b") as file:
            hold(file.fileno(), path)
            end = tail(file.fileno())
            if not end.torn:
                return b""
            cut = os.pread(file.fileno(), end.torn, end.whole)
            file.truncate(end.whole)
            os.fsync(file.fileno())
            return cut
    except OSError as error:
        raise TranscriptError(f"cannot open {path}: {os.strerror(error.errno or 0)}") from None
