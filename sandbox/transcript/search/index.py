"""The index of a folder of runs: one SQLite file beside them, made from the records alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, TypeAlias

from sandbox.errors import Damaged
from sandbox.transcript.search.condition import KEY_BITS, condition
from sandbox.transcript.search.entry import Entry, Intake
from sandbox.transcript.search.match import Facts
from sandbox.transcript.search.query import Query
from sandbox.transcript.search.record import lines
from sandbox.transcript.search.runfile import RunFile
from sandbox.transcript.search.schema import INDEX_FILE, connect, remake

__all__ = ["Index", "Spot"]

_COMMIT: Final = 1.0
"""Seconds of work that a kill may cost."""


_FLAGS: Final = (
    "(SELECT json_group_array(flag) FROM marks WHERE run = docs.id >> 32 AND marks.seq = docs.seq)"
)


Spot: TypeAlias = tuple[int, int, int, int, int, str]
"""A row: rowid, seq, part, where in the record the event begins, turn, flags that rest on it as JSON."""


class Index:
    """Finds documents, and takes in what is new. Whatever it does may raise ``sqlite3.Error``.

    Raises:
        Unavailable: there can be no index here.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / INDEX_FILE
        self._begun = 0.0
        self._use(connect(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(sqlite3.Error):  # what cannot be kept is made again
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        self._connection.close()

    def remake(self) -> None:
        """Begin anew with an empty file, because this one is broken."""
        self._connection.close()
        self._use(remake(self.path, self._inode))

    def entries(self) -> dict[str, Entry]:
        """Every run in the index, by its id."""
        rows = self._connection.execute("SELECT * FROM runs").fetchall()
        return {row[1]: Entry.of(row) for row in rows}

    def find(
        self, query: Query, runs: Mapping[int, Facts], *, with_flags: bool
    ) -> dict[int, list[Spot]]:
        """Where in some runs something may match, by the run's key; nothing that matches is missing.

        Args:
            query: what is looked for.
            runs: those to look at, by key.
            with_flags: whether the flags that rest on each are wanted.
        """
        where = condition(query, runs)
        flags = _FLAGS if with_flags else "'[]'"
        sql = f"SELECT id, seq, part, at, turn, {flags} FROM docs WHERE {where.sql} ORDER BY id"  # noqa: S608  # values are bound
        spots: dict[int, list[Spot]] = {key: [] for key in runs}
        # All at once: an open cursor would lock the file for as long as its reader reads.
        for spot in self._connection.execute(sql, where.values).fetchall():
            if spot[0] >> KEY_BITS in spots:
                spots[spot[0] >> KEY_BITS].append(spot)
        return spots

    def update(self, file: RunFile, tick: Callable[[], None]) -> Entry:
        """Take in what is new of a run, or all of it if it is another one than it was.

        Args:
            file: the run.
            tick: called now and then during long work.

        Raises:
            OSError: the record cannot be read.
        """
        file.path.open("rb").close()  # before anything is begun that would have to be undone
        self._begin()
        while True:
            try:
                entry = self._take(file, self._place(file), tick)
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            if time.monotonic() - self._begun > _COMMIT:
                self._connection.execute("COMMIT")
            if entry.is_fresh(file):
                return entry
            self._begin(wait=True)  # another search may have been here in between

    def forget(self, ids: Collection[str]) -> None:
        """Drop runs; begin anew when a third of all words are of such."""
        self._begin()
        for entry in self.entries().values():
            if entry.id in ids:
                self._drop(entry)
        sql = "SELECT dead > (SELECT coalesce(sum(docs), 0) FROM runs) / 2 FROM counts"
        if self._connection.execute(sql).fetchone()[0]:
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._begin()
        for table in ("runs", "docs", "marks"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
        self._connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        self._connection.execute("UPDATE counts SET dead = 0")

    def _use(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._inode = self.path.stat().st_ino

    def _begin(self, *, wait: bool = False) -> None:
        """Become the one writer; at once or not at all, since a run can be searched without an index, too."""
        if self._connection.in_transaction:
            return
        self._connection.execute(f"PRAGMA busy_timeout = {5000 if wait else 0}")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        finally:
            self._connection.execute("PRAGMA busy_timeout = 5000")
        self._begun = time.monotonic()

    def _new_key(self) -> int:
        """A key that no run had: words of those that have gone are still in the index."""
        self._connection.execute("UPDATE counts SET keys = keys + 1")
        return int(self._connection.execute("SELECT keys FROM counts").fetchone()[0])

    def _drop(self, entry: Entry) -> None:
        first, beyond = entry.key << KEY_BITS, (entry.key + 1) << KEY_BITS
        self._connection.execute("DELETE FROM runs WHERE key = ?", (entry.key,))
        self._connection.execute("DELETE FROM docs WHERE id >= ? AND id < ?", (first, beyond))
        self._connection.execute("DELETE FROM marks WHERE run = ?", (entry.key,))
        self._connection.execute("UPDATE counts SET dead = dead + ?", (entry.docs,))

    def _place(self, file: RunFile) -> Entry:
        """What there is of a run that can be gone on from; nothing of one that it is no more."""
        sql = "SELECT * FROM runs WHERE id = ?"
        row = self._connection.execute(sql, (file.id,)).fetchone()
        if row is not None:
            entry = Entry.of(row)
            if entry.is_fresh(file) or entry.goes_on(file):
                return entry
            self._drop(entry)
        return Entry(self._new_key(), file.id)

    def _take(self, file: RunFile, entry: Entry, tick: Callable[[], None]) -> Entry:
        """Go on from an entry, to the end of the file or until it is time to commit."""
        if entry.is_fresh(file):
            return entry
        intake = Intake(replace(entry, size=-1, mtime=-1, fault=""))
        fault = ""
        try:
            for line in lines(file.path, entry.done):
                intake.take(line)
                if intake.full:
                    intake = Intake(self._store(intake, intake.entry))
                    tick()
                    if time.monotonic() - self._begun > _COMMIT:
                        return intake.entry
        except Damaged as error:
            fault = f"line {intake.lines + 1}: {error}"
        whole = replace(intake.entry, size=file.size, mtime=file.mtime, fault=fault)
        return self._store(intake, whole)

    def _store(self, intake: Intake, entry: Entry) -> Entry:
        """Put what was taken in into the tables, and what is known of the run with it."""
        run, store = self._connection.execute, self._connection.executemany
        store("INSERT INTO docs VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", intake.docs)
        store("INSERT INTO words (rowid, text) VALUES (?,?)", intake.words)
        store("INSERT OR IGNORE INTO marks VALUES (?,?,?)", intake.marks)
        run("INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?)", entry.row)
        return entry
