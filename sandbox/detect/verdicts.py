"""What people decided about flags: real or false. Kept with the notes beside the record."""

from __future__ import annotations

from pathlib import Path

from sandbox.clock import Clock, SystemClock
from sandbox.errors import UsageError
from sandbox.transcript.notes import Note, Notebook, Verdict, read_notes
from sandbox.transcript.record import Record

__all__ = ["judge", "verdicts"]


def verdicts(folder: Path) -> dict[int, Note]:
    """The verdict that holds on each event, by its ``seq``: the youngest, whoever gave it."""
    held: dict[int, Note] = {}
    for note in read_notes(folder).notes:
        if note.verdict is not None and (note.seq not in held or note.at >= held[note.seq].at):
            held[note.seq] = note
    return held


def judge(
    folder: Path,
    seq: int,
    verdict: Verdict,
    note: str,
    author: str,
    clock: Clock | None = None,
) -> Note:
    """Write down a verdict on a flag; it takes the place of the author's earlier one.

    Raises:
        UsageError: there is no such event, or it is no flag.
        TranscriptError: it cannot be written, or the record cannot be read.
    """
    with Record(folder) as record:
        event = record.get(seq)
        if event is None:
            raise UsageError(f"there is no event {seq}: the run has {record.last:,}.")
    if event.kind != "flag":
        raise UsageError(
            f"event {seq} is no flag but {event.kind!r:.40}. `backrooms flags` lists the flags; "
            "`backrooms note` writes about any event."
        )
    mine = [one for one in read_notes(folder).on(seq) if one.verdict and one.author == author]
    notebook = Notebook(folder, author, clock or SystemClock())
    return notebook.add(seq, note, verdict=verdict, replaces=mine[-1].id if mine else None)
