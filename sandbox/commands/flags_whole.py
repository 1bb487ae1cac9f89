"""One flag as a whole: what it says, what would refute it, and its evidence word for word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.detect import FlagRow
    from sandbox.transcript import Note, Record

__all__ = ["print_flag"]

_SAID: Final = frozenset({"id", "version", "title", "evidence", "words", "deed", "refuted_by"})
"""What stands elsewhere than in the list of fields."""
_QUOTED: Final = 4_000
"""Characters of one event."""


def print_flag(row: FlagRow, note: Note | None, record: Record) -> None:
    """Print it; all of it is hostile."""
    from sandbox.console import neutralise

    for line in _lines(row, note, record):
        print(neutralise(line, newlines=False))


def _lines(row: FlagRow, note: Note | None, record: Record) -> Iterator[str]:
    from sandbox.console.fields import clause
    from sandbox.detect.quoted import quoted

    data = row.data
    yield f"flag {row.seq}, turn {row.turn}: {row.id} (version {row.version})"
    yield f"  {row.title}"
    for name in (name for name in data if name not in _SAID):
        yield f"  {name + ':':<12} {clause(data[name])}"
    if note is not None:
        text = f": {note.text}" if note.text else ""
        yield f"  {'verdict:':<12} {note.verdict} ({note.author}, {note.at[:16]}){text}"
    yield f"  {'refuted by:':<12} {clause(data.get('refuted_by'))}"
    for seq in row.evidence:
        event = record.get(seq)
        if event is None:
            yield f"  event {seq} is not in the record"
            continue
        yield f"  event {seq}, turn {record.turn_of(seq)}: {event.kind} of {event.actor}"
        for line in quoted(row, event, record)[:_QUOTED].split("\n"):
            yield f"    | {line}"
