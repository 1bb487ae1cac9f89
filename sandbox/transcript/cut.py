"""What a record cannot keep in its place is laid beside it, never deleted."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from sandbox.errors import TranscriptError
from sandbox.transcript.codec import is_event
from sandbox.transcript.disk import SystemDisk
from sandbox.transcript.lock import hold
from sandbox.transcript.reader import events_path
from sandbox.transcript.regular import open_regular
from sandbox.transcript.tail import tail

__all__ = ["Piece", "cut_torn_tail", "give_to_owner", "lay_aside", "lines_aside", "tail_piece"]

_ASIDE: Final = re.compile(rb'\{"line": (\d{1,18}), "offset": \d+, "torn": false, ')


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a record that are no event: in which line, from 1, and at which byte they stood.

    ``torn``: it is what an engine was writing when it was killed, and nobody was told of it.
    """

    line: int
    offset: int
    data: bytes
    torn: bool = False


def cut_torn_tail(path: Path) -> bytes:
    """Take a torn last line off a record, so that it can be appended to; return what was cut.

    It is kept beside the record, as ``lay_aside`` does.

    Raises:
        TranscriptError: an engine writes the record now, or it may not be opened.
    """
    path = events_path(path)
    try:
        with os.fdopen(open_regular(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
            hold(file.fileno(), path)
            end = tail(file.fileno())
            if not end.torn:
                return b""
            torn = os.pread(file.fileno(), end.torn, end.whole)
            line = _lines(file.fileno(), end.whole) + 1
            lay_aside(path, [tail_piece(line, end.whole, torn)])
            file.truncate(end.whole)
            os.fsync(file.fileno())
            return torn
    except OSError as error:
        raise TranscriptError(f"cannot open {path}: {error.strerror}") from None


def tail_piece(line: int, offset: int, data: bytes) -> Piece:
    """Make a piece of what stands behind the last newline.

    It is torn if it is the beginning of a line; where only the newline is another byte, it is an
    event that was there whole.
    """
    return Piece(line, offset, data, torn=not is_event(data[:-1]))


def lay_aside(path: Path, pieces: Iterable[Piece]) -> Path:
    """Write pieces of a record to ``<record>.torn-<n>``, safely on the disk, and return that file.

    Each is a JSON object on a line of its own: ``line``, ``offset``, ``torn`` and the bytes as
    ``text``, or as ``base64`` where they are no UTF-8.
    """
    for number in count(1):
        aside = path.with_name(f"{path.name}.torn-{number}")
        try:
            fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        break
    try:
        with os.fdopen(fd, "w", encoding="ascii") as file:
            give_to_owner(fd, path.stat())
            for piece in pieces:
                about = {"line": piece.line, "offset": piece.offset, "torn": piece.torn}
                file.write(json.dumps(about | _bytes(piece.data)) + "\n")
            file.flush()
            os.fsync(fd)
    except BaseException:
        aside.unlink()
        raise
    SystemDisk().sync_folder(path.parent)
    return aside


def give_to_owner(fd: int, about: os.stat_result) -> None:
    """Let a new file belong to whom a record belongs: root may put a user's run in order."""
    with suppress(PermissionError):  # of others, root alone can
        os.fchown(fd, about.st_uid, about.st_gid)


def lines_aside(path: Path) -> list[tuple[Path, int]]:
    """Find the whole lines that were cut out of a record: the file each lies in, and where it stood."""
    found = []
    for aside in sorted(path.parent.iterdir()):
        if not (aside.name.startswith(f"{path.name}.torn-") and aside.is_file()):
            continue
        with aside.open("rb") as lines:
            matches = map(_ASIDE.match, lines)
            found += [(aside, int(match[1])) for match in matches if match is not None]
    return found


def _bytes(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _lines(fd: int, end: int) -> int:
    blocks = range(0, end, 1 << 20)
    return sum(os.pread(fd, min(1 << 20, end - at), at).count(b"\n") for at in blocks)
