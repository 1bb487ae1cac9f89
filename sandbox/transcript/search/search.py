"""Search the runs of a folder: from the index where it can, through the records where it cannot."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from sandbox.errors import Damaged
from sandbox.transcript.search.document import documents, turn_after
from sandbox.transcript.search.entry import Entry
from sandbox.transcript.search.index import Index, Spot
from sandbox.transcript.search.match import Facts, Place
from sandbox.transcript.search.patterns import Patterns
from sandbox.transcript.search.query import Field, Query, Regex, leaves
from sandbox.transcript.search.record import event_at, facts, lines
from sandbox.transcript.search.runfile import RunFile, run_file, run_files
from sandbox.transcript.search.schema import Unavailable, is_broken, reason
from sandbox.transcript.search.sift import Candidate, Hit, sift, unrepeated

__all__ = ["Search"]


def _silent(done: int, of: int) -> None:
    pass


class Search(Iterator[Hit]):
    """The hits of a search, streamed: the newest run first, and each run in its order.

    What the index lacks of a run is taken in right before the run is searched. If that cannot be
    (the folder is read-only, another search writes now), its record is read through instead.

    ``notes`` are sentences about what was not as one expects, and ``runs`` counts those that are through.

    Args:
        root: the folder of runs.
        query: what is looked for.
        run: the name of the one run to search.
        reindex: whether the index is made anew; it never has to be.
        progress: told how many runs are through, and of how many, before each that has to be read.

    Raises:
        UsageError: while it goes on: a pattern takes too long.
    """

    def __init__(
        self,
        root: Path,
        query: Query,
        *,
        run: str | None = None,
        reindex: bool = False,
        progress: Callable[[int, int], None] = _silent,
    ) -> None:
        self.notes: list[str] = []
        self.runs = 0
        self._root = root
        self._query = query
        self._run = run
        self._reindex = reindex
        self._progress = progress
        self._index: Index | None = None
        self._writable = True
        self._mended = False
        self._entries: dict[str, Entry] = {}
        self._changed: set[str] = set()
        self._patterns = Patterns(
            tuple(dict.fromkeys(part.pattern for part in leaves(query) if isinstance(part, Regex)))
        )
        self._by_flag = any(
            isinstance(part, Field) and part.name == "flag" for part in leaves(query)
        )
        self._hits = self._all()

    def __next__(self) -> Hit:
        return next(self._hits)

    def close(self) -> None:
        """Stop, and keep what the index has taken in; reaching the end does so too."""
        self._hits.close()

    def _all(self) -> Generator[Hit]:
        files = self._files()
        with self._patterns:
            try:
                self._open(files)
                while rest := files[self.runs :]:
                    self._progress(self.runs, len(files))
                    self._update(rest[0], lambda: self._progress(self.runs, len(files)))
                    # Together, what can be asked for at once: up to the next that is not in the index.
                    group = list(takewhile(self._is_fresh, rest)) or rest[:1]
                    candidates = self._candidates(group, self._find(group))
                    yield from unrepeated(sift(self._query, candidates, self._patterns))
                    self.runs += len(group)
            finally:
                self._close()

    def _files(self) -> list[RunFile]:
        if self._run is None:
            return run_files(self._root)
        file = run_file(self._root / self._run)
        return [] if file is None else [file]

    def _is_fresh(self, file: RunFile) -> bool:
        entry = self._entries.get(file.id)
        return entry is not None and entry.is_fresh(file)

    def _candidates(
        self, group: Sequence[RunFile], found: Mapping[str, Sequence[Spot]]
    ) -> Iterator[Candidate]:
        for file in group:
            if file.id not in found:
                yield from self._scan(file)
                continue
            entry = self._entries[file.id]
            if entry.fault:
                self._note_fault(file, entry.fault)
            for spot in found[file.id]:
                yield from self._at(file, entry, spot)

    # The index.

    def _open(self, files: Sequence[RunFile]) -> None:
        if not files:
            return
        try:
            self._index = Index(self._root)
        except Unavailable as why:
            self._do_without(str(why))
            return
        try:
            if self._reindex:
                self._index.clear()
            self._entries = self._index.entries()
            gone = self._entries.keys() - {file.id for file in files}
            if gone and self._run is None:
                self._index.forget(gone)
                self._entries = self._index.entries()
        except sqlite3.Error as error:
            self._mend(error)

    def _update(self, file: RunFile, tick: Callable[[], None]) -> None:
        if self._index is None or not self._writable or self._is_fresh(file):
            return
        try:
            self._entries[file.id] = self._index.update(file, tick)
        except OSError:
            return  # said where it is read through
        except sqlite3.Error as error:
            if self._mend(error):
                self._update(file, tick)

    def _find(self, group: Sequence[RunFile]) -> Mapping[str, Sequence[Spot]]:
        """Where there may be something, by the run; those that the index does not tell about are left out."""
        entries = [self._entries[file.id] for file in group if self._is_fresh(file)]
        if self._index is None or not entries:
            return {}
        runs = {entry.key: entry.facts for entry in entries}
        try:
            found = self._index.find(self._query, runs, with_flags=self._by_flag)
        except sqlite3.Error as error:
            self._mend(error)
            return {}
        return {entry.id: found[entry.key] for entry in entries}

    def _mend(self, error: sqlite3.Error) -> bool:
        """Make a broken index anew, once; whether it may be used again."""
        if self._index is None or self._mended or not is_broken(error):
            self._do_without(reason(error))
            return False
        self._mended = True
        self._entries.clear()
        try:
            self._index.remake()
        except Unavailable as why:
            self._index = None
            self._do_without(str(why))
            return False
        return True

    def _do_without(self, why: str) -> None:
        """Read the runs that are not in the index through from now on."""
        if self._writable:
            self._writable = False
            self.notes.append(
                f"The index in {self._root} cannot be brought up to date now ({why}). What is not in it "
                "is read through: all is found, but it takes longer."
            )

    def _close(self) -> None:
        if self._index is None:
            return
        with self._index, suppress(sqlite3.Error):
            if self._changed and self._writable:
                self._index.forget(self._changed)

    # The records.

    def _at(self, file: RunFile, entry: Entry, spot: Spot) -> Iterator[Candidate]:
        _, seq, part, at, turn, flags = spot
        event = event_at(file.path, at, seq)
        found = [] if event is None else documents(event)
        if part < len(found):
            place = Place(entry.facts, turn, tuple(json.loads(flags)))
            yield Candidate(file, found[part], place, at)
        elif file.id not in self._changed:
            self._changed.add(file.id)
            self.notes.append(f"{file.id} was changed while it was searched. Search again.")

    def _scan(self, file: RunFile) -> Iterator[Candidate]:
        of_run, turn, line_number = Facts(file.id), 0, 0
        try:
            flags = self._flags_of(file)
            for line in lines(file.path):
                line_number += 1
                event = line.event
                turn = turn_after(event, turn)
                if event.kind == "run.started":
                    of_run = facts(file.id, event)
                for document in documents(event):
                    place = Place(of_run, turn, flags.get(event.seq, ()))
                    yield Candidate(file, document, place, line.at)
        except Damaged as error:
            self._note_fault(file, f"line {line_number + 1}: {error}")
        except OSError as error:
            self.notes.append(f"{file.path} cannot be read: {error.strerror}.")

    def _flags_of(self, file: RunFile) -> dict[int, tuple[str, ...]]:
        """The flags of a run by the events that they rest on, which stand before them."""
        flags: dict[int, tuple[str, ...]] = {}
        if self._by_flag:
            with suppress(Damaged):  # told when the same line is met again
                for line in lines(file.path):
                    for document in documents(line.event) if line.event.kind == "flag" else ():
                        for seq in document.evidence:
                            flags[seq] = (*flags.get(seq, ()), document.flag)
        return flags

    def _note_fault(self, file: RunFile, fault: str) -> None:
        self.notes.append(
            f"{file.id} is damaged at {fault}. What stands before it was searched; "
            f"`backrooms verify {file.id}` says what else can be read."
        )
