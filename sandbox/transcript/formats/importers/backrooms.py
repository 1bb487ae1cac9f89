"""Our own record, as ``backrooms export --format jsonl`` writes it: kept as it is."""

from __future__ import annotations

from typing import Final

from sandbox.errors import Damaged
from sandbox.transcript.codec import NO_HASH, chained, decode, split
from sandbox.transcript.formats.foreign import Foreign, Source
from sandbox.transcript.formats.text import unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "backrooms"
ABOUT: Final = "our own events.jsonl: checked, and kept as it is"

_REMEDY: Final = "Export the run again, or copy its folder: a damaged record is not taken in"


def looks(source: Source) -> float:
    """Tell by the first members of the first line."""
    return 0.99 if source.data.startswith(b'{"seq":1,"ts":"') else 0.0


def read(source: Source) -> list[Foreign]:
    """Check the whole chain, and hand the bytes on.

    Raises:
        Unreadable: a line is not what was written.
    """
    previous = NO_HASH
    title = run = ""
    number = 0
    for number, line in enumerate(source.data.splitlines(keepends=True), 1):
        try:
            event = decode(line)
            body, written = split(line)
        except Damaged as error:
            raise unreadable(source, str(error), _REMEDY, line=number) from None
        if number == 1:
            run, title = event.run, str(event.data.get("title", ""))
        if event.seq != number or event.run != run or chained(previous, body) != written:
            why = "not what was written: its hash, number or run does not follow"
            raise unreadable(source, why, _REMEDY, line=number)
        previous = written
    if not number or not _is_run(run):
        raise unreadable(source, f"{run!r:.80} is no id of a run", _REMEDY, line=1)
    return [Foreign(NAME, title, (), (), record=source.data)]


def _is_run(run: str) -> bool:
    """Whether it can be the name of a folder: the file's word is not enough."""
    return run.replace("-", "").isalnum() and run.isascii() and len(run) <= 80
