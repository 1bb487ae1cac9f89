"""Put a record in order without deleting or inventing anything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sandbox.errors import TranscriptError
from sandbox.transcript.codec import is_event
from sandbox.transcript.cut import Piece, give_to_owner, lay_aside, tail_piece
from sandbox.transcript.disk import SystemDisk
from sandbox.transcript.lock import hold
from sandbox.transcript.reader import events_path
from sandbox.transcript.regular import open_regular

__all__ = ["Cut", "Mended", "repair"]


@dataclass(frozen=True, slots=True)
class Cut:
    """One place where something was cut out: the line, from 1, before anything was, and its bytes."""

    line: int
    size: int
    torn: bool


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done to a record: ``aside`` is the file that holds what was cut, if anything was."""

    path: Path
    kept: int
    """Events that stayed, byte for byte."""
    cuts: tuple[Cut, ...]
    aside: Path | None


def repair(path: Path, progress: Callable[[float], None] = lambda share: None) -> Mended:
    """Take what cannot be read out of a record, so that reading goes on behind it.

    What is cut is kept beside the record. No other byte changes, and no hash: where lines are missing
    or altered the record stays damaged, and ``verify`` goes on saying so.

    Args:
        path: the run's folder, or the file itself.
        progress: is told from time to time which share of the record has been looked at.

    Raises:
        TranscriptError: an engine writes the record now, or a file cannot be read or written.
    """
    path = events_path(path)
    try:
        fd = open_regular(path, os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(fd, "r+b", buffering=1 << 18) as file:
            hold(file.fileno(), path)
            kept, pieces = _look_through(file, progress)
            cuts = tuple(Cut(piece.line, len(piece.data), piece.torn) for piece in pieces)
            if not pieces:
                return Mended(path, kept, (), None)
            aside = lay_aside(path, pieces)
            if len(pieces) == 1 and not pieces[0].data.endswith(b"\n"):
                file.truncate(pieces[0].offset)
                os.fsync(file.fileno())
            else:
                _rewrite(path, file, pieces)
            return Mended(path, kept, cuts, aside)
    except OSError as error:
        raise TranscriptError(f"cannot repair {path}: {error.strerror}") from None


def _look_through(file: BinaryIO, progress: Callable[[float], None]) -> tuple[int, list[Piece]]:
    size = os.fstat(file.fileno()).st_size
    kept = offset = 0
    pieces: list[Piece] = []
    for line, raw in enumerate(file, 1):
        if not raw.endswith(b"\n"):
            pieces.append(tail_piece(line, offset, raw))
        elif is_event(raw):
            kept += 1
        else:
            pieces.append(Piece(line, offset, raw))
        offset += len(raw)
        if line % 4096 == 0:
            progress(offset / size)
    return kept, pieces


def _rewrite(path: Path, file: BinaryIO, pieces: list[Piece]) -> None:
    """Put a new file in the record's place at one stroke: at any moment there is a whole one."""
    about = os.fstat(file.fileno())
    starts = [0, *(piece.offset + len(piece.data) for piece in pieces)]
    ends = [*(piece.offset for piece in pieces), about.st_size]
    fd, new = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as target:
            give_to_owner(fd, about)
            os.fchmod(fd, about.st_mode & 0o777)
            for start, end in zip(starts, ends, strict=True):
                file.seek(start)
                for at in range(start, end, 1 << 20):
                    target.write(file.read(min(1 << 20, end - at)))
            target.flush()
            os.fsync(fd)
        Path(new).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(new).unlink()
        raise
    SystemDisk().sync_folder(path.parent)
