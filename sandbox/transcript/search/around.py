"""What was said right before and after an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sandbox.errors import Damaged
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH
from sandbox.transcript.tail import last_lines

__all__ = ["neighbours"]

_FURTHEST: Final = 500
"""Lines looked through on each side: where agents think for long, little is said."""


def neighbours(path: Path, at: int, count: int) -> tuple[list[Event], list[Event]]:
    """The messages before and after the event whose line begins at ``at``, up to ``count`` each, in order.

    Raises:
        OSError: the record cannot be read.
    """
    if not count:
        return [], []
    with path.open("rb") as file:
        before = list(_said(last_lines(file.fileno(), at), count))
        file.seek(at)
        file.readline()
        return before[::-1], list(_said(file, count))


def _said(raw: Iterable[bytes], count: int) -> Iterator[Event]:
    for line in islice(raw, _FURTHEST):
        try:
            event = decode(line)
        except Damaged:
            return
        if event.kind in SPEECH:
            yield event
            count -= 1
            if not count:
                return
