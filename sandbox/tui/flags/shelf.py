"""The flags of the runs below a folder, the newest run first, read as far as they have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import merge
from pathlib import Path
from typing import Final

from sandbox.detect.folding import FlagRow, row
from sandbox.detect.plain import names, whole
from sandbox.detect.verdicts import verdicts
from sandbox.errors import TranscriptError
from sandbox.transcript.notes import NOTES_FILE, Note
from sandbox.transcript.record import Record
from sandbox.transcript.search.runfile import run_file, run_files
from sandbox.tui.flags.noticed import light

__all__ = ["MOST", "RunFlags", "Shelf"]

MOST: Final = 20_000
"""Flags that are kept of all runs together: nobody goes through more in a list."""

_FIRST: Final = 200
"""Flags after which those read so far are shown, and again whenever there are twice as many."""


@dataclass(frozen=True, slots=True)
class RunFlags:
    """What is known of one run's flags. ``fault`` says why there may be more of them than are here."""

    folder: Path
    rows: tuple[FlagRow, ...] = ()
    held: Mapping[int, Note] = field(default_factory=dict)
    last: int = 0
    """The event up to which it was read."""
    turns: int = 0
    detectors: tuple[str, ...] = ()
    live: bool = False
    fault: str = ""


class Shelf:
    """Looks at runs; by one thread at a time.

    Args:
        root: the folder of runs.
        folder: the one run that is wanted; None for all.
    """

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self._root = root
        self._folder = folder
        self._known: dict[Path, RunFlags] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}

    def look(self, stopped: Callable[[], bool]) -> Iterator[RunFlags]:
        """Read what is new; each run that has changed, a long one several times, as far as it was read."""
        kept = sum(len(run.rows) for run in self._known.values())
        for folder in self._folders():
            before = self._known.get(folder, RunFlags(folder))
            stamp = _stamp(folder)
            if stopped() or (stamp == self._stamps.get(folder) and not before.live):
                continue
            for run in _read(before, MOST - kept + len(before.rows)):
                if run != self._known.get(folder):
                    self._known[folder] = run
                    yield run
                if stopped():
                    return
            self._stamps[folder] = stamp
            kept += len(self._known.get(folder, before).rows) - len(before.rows)

    def _folders(self) -> list[Path]:
        if self._folder is not None:
            return [self._folder]
        return [file.path.parent for file in run_files(self._root)]


def _stamp(folder: Path) -> tuple[int, int]:
    """The sizes of what a run's flags are read from; both files only grow."""
    file = run_file(folder)
    try:
        notes = (folder / NOTES_FILE).stat().st_size
    except OSError:
        notes = 0
    return (-1 if file is None else file.size, notes)


def _read(before: RunFlags, room: int) -> Iterator[RunFlags]:
    """One run from where it was read to; it never raises."""
    rows, last = list(before.rows), before.last
    due = max(_FIRST, 2 * len(rows))
    run = replace(before, held=verdicts(before.folder), fault="")
    try:
        with Record(before.folder) as record:
            end = record.last
            run = replace(run, turns=record.turns, live=record.held)
            if not before.last:
                run = replace(run, detectors=_detectors(record))
            turns = _Turns(record, last)
            for flag in record.of(kind="flag", first=last + 1):
                if len(rows) >= room:
                    fault = f"of its flags the first {len(rows):,} are shown"
                    yield replace(run, rows=tuple(rows), last=end, fault=fault)
                    return
                rows.append(light(row(flag, turns.at(flag.seq))))
                last = flag.seq
                if len(rows) == due:
                    due *= 2
                    yield replace(run, rows=tuple(rows), last=last)
            yield replace(run, rows=tuple(rows), last=max(last, end))
    except (OSError, TranscriptError) as error:  # damage ends what can be read of this run alone
        yield replace(run, rows=tuple(rows), last=last, fault=str(error))


class _Turns:
    """The turn of one event after another: going on costs less than looking back from each of them.

    In a stranger's record without a turn each look back would go through all of it.
    """

    def __init__(self, record: Record, last: int) -> None:
        self._turn = record.turn_of(last) if last else 0
        begun = [record.of(kind=kind, first=last + 1) for kind in ("turn.bid", "turn.offered")]
        self._begun = merge(*begun, key=lambda event: event.seq)
        self._next = next(self._begun, None)

    def at(self, seq: int) -> int:
        while self._next is not None and self._next.seq <= seq:
            self._turn = whole(self._next.data.get("turn")) or self._turn
            self._next = next(self._begun, None)
        return self._turn


def _detectors(record: Record) -> tuple[str, ...]:
    started = record.get(1)
    return () if started is None else names(started.data.get("detectors"))
