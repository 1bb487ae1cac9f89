"""What an operator did in a copy of an agent's folder: an asciicast beside the record, never in it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.clock import Clock, stamp
from sandbox.errors import TranscriptError

__all__ = ["VISITS", "Visit"]

VISITS: Final = "shells"
MOST: Final = 64 << 20
"""Characters of output that are recorded; a program that floods the terminal fills no disk."""


class Visit:
    """One visit as it goes on: asciicast 2, which `asciinema play` shows again.

    The first line is the header, with what Backrooms knows of the visit under ``backrooms``; then
    ``[seconds, "i" | "o" | "r" | "m", text]`` for what was typed, what was shown, sizes, and the end.

    Raises:
        TranscriptError: nothing can be written beside the record.
    """

    def __init__(
        self, run: Path, about: Mapping[str, Any], size: tuple[int, int], clock: Clock
    ) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._left = MOST
        now = clock.now()
        self.path = run / VISITS / f"{stamp(now)}-{about['agent']}-{os.getpid()}.cast"
        rows, columns = size
        header = {"version": 2, "width": columns, "height": rows, "timestamp": int(now)}
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            if self.path.parent.is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, "it is a symbolic link")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "w", encoding="utf-8")
        except OSError as error:
            raise TranscriptError(
                f"the visit cannot be recorded in {self.path.parent}: {error.strerror}. "
                "Copy the run to a folder of yours"
            ) from error
        self._write({**header, "backrooms": dict(about)})

    def typed(self, text: str) -> None:
        """Record what was typed."""
        self._event("i", text)

    def shown(self, text: str) -> None:
        """Record what was shown."""
        if self._left > 0:
            self._event("o", text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._event("m", f"output after the first {MOST} characters is not recorded")

    def resized(self, rows: int, columns: int) -> None:
        """Record another size of the terminal."""
        self._event("r", f"{columns}x{rows}")

    def close(self, how: str) -> None:
        """Record how it ended."""
        self._event("m", how)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _event(self, kind: str, text: str) -> None:
        self._write([round(self._clock.monotonic() - self._began, 6), kind, text])

    def _write(self, line: object) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False).replace("\u2028", "\\u2028") + "\n")
