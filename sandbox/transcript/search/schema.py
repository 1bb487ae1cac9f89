"""The tables of an index, and how a file becomes one, whatever it was before.

FTS5 holds no text (``content=''``), since the records do; a hit is read from its record, so that the
index can miss something but never invent it. Such a table cannot forget a row, which is why the words of
runs that have gone stay in it, out of reach, until they are a third of all; then it is made anew.

The journal is SQLite's own rollback journal, not a WAL: it works on network disks, it leaves one file,
and what a killed writer leaves behind is undone by the next who opens it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

__all__ = ["INDEX_FILE", "Unavailable", "connect", "is_broken", "reason", "remake"]

INDEX_FILE: Final = ".search.sqlite"

_APPLICATION: Final = 0x62726D73
"""``brms``, in SQLite's place for the owner of a file."""

_VERSION: Final = 1
"""To be raised whenever a table, what is a document, or the folding of words changes."""

_TABLES: Final = (
    """CREATE TABLE runs (
        key INTEGER PRIMARY KEY, id TEXT UNIQUE, size INTEGER, mtime INTEGER, done INTEGER,
        lines INTEGER, tail TEXT, turn INTEGER, docs INTEGER, facts TEXT, fault TEXT
    )""",
    """CREATE TABLE docs (
        id INTEGER PRIMARY KEY, seq INTEGER, part INTEGER, at INTEGER, turn INTEGER, ts TEXT,
        kind TEXT, what TEXT, agent TEXT, room TEXT, tool TEXT, recipients TEXT
    )""",
    "CREATE TABLE marks (run INTEGER, seq INTEGER, flag TEXT, PRIMARY KEY (run, seq, flag)) WITHOUT ROWID",
    "CREATE TABLE counts (keys INTEGER, dead INTEGER)",
    "INSERT INTO counts VALUES (0, 0)",
    "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, tokenize='ascii')",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)
"""``ascii`` parts at spaces and no further: what it is given are words already, folded by ``fold``."""

_OURS_TO_BEAR: Final = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS,
})  # fmt: skip
"""What a new file would not cure."""


class Unavailable(Exception):
    """There can be no index now: why, as a clause."""


def reason(error: sqlite3.Error) -> str:
    """Why the index cannot be used, as a clause."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return "another search writes it" if code == sqlite3.SQLITE_BUSY else str(error)


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, and not the disk, its rights, or another search."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF not in _OURS_TO_BEAR


def connect(path: Path) -> sqlite3.Connection:
    """Open the index, or make it; a damaged or foreign file, or one of another version, is made anew.

    Raises:
        Unavailable: the folder is read-only, the disk is full, or SQLite has no FTS5.
    """
    try:
        return _open(path)
    except sqlite3.Error as error:
        if not is_broken(error):
            raise Unavailable(reason(error)) from None
    return remake(path, None)


def remake(path: Path, inode: int | None) -> sqlite3.Connection:
    """Put a new index in the place of a file that is of no use.

    Args:
        path: of the index.
        inode: of the file that was found to be broken, if it was open: another search may have put
            a new one in its place since then.

    Raises:
        Unavailable: it cannot be made.
    """
    try:
        if inode is None or path.stat().st_ino == inode:
            # The journal first: SQLite would play it into the new file.
            path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return _open(path)
    except OSError as error:
        raise Unavailable(error.strerror or str(error)) from None
    except sqlite3.Error as error:
        raise Unavailable(reason(error)) from None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        # Without a spill, what is not committed keeps no other search from reading.
        connection.executescript("PRAGMA cache_size = -65536; PRAGMA cache_spill = OFF;")
        if not _tables(connection):
            _create(connection)
        _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if not _tables(connection):  # another search may have been first
        for statement in _TABLES:
            connection.execute(statement)
    connection.execute("COMMIT")


def _tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _check(connection: sqlite3.Connection) -> None:
    names = ("application_id", "user_version")
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    if found != [_APPLICATION, _VERSION]:
        raise sqlite3.DatabaseError(f"it is of application and version {found}")
