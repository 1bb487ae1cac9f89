"""Sentinels: files outside the boxes as they were laid, so that whoever changes one is found out.

The kernel tells of a change at once, by inotify; whether there was one is then seen from the file itself,
and looked at anyway after each turn of the agent whose folder it is in, and at the end.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from sandbox.isolation.doors.watched import CHANGES, Watched
from sandbox.isolation.witnesses.outside import Laid

__all__ = ["Change", "Sentinels"]

MOST: Final = 64
"""Changes that are told of one folder; whoever makes more is known well enough."""
READ: Final = 64 << 10
FILES: Final = 256
"""Things in one folder that are looked at."""

State: TypeAlias = tuple[int, int, int]
"""Which file it is, how large, and when it last changed in any way: the kernel sets that, and nobody else can."""

Seen: TypeAlias = tuple[State, str | None]
"""A thing in a folder, and its SHA-256 if it is a file."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something outside was written: the SHA-256 of a file before and after; None is no file."""

    laid: Laid
    path: Path
    before: str | None
    after: str | None


@dataclass(slots=True)
class _Folder:
    """One folder with sentinels: what is in it, as it was last seen."""

    laid: Laid
    seen: dict[str, Seen]
    told: int = 0


class Sentinels:
    """Watches the folders of files that were laid; ``changed`` takes each change, in the event loop.

    ``able`` is whether the kernel tells at once; where it does not, ``look`` still finds it.
    """

    def __init__(self, changed: Callable[[Change], None]) -> None:
        self._changed = changed
        self._folders: dict[str, _Folder] = {}
        self._watched = Watched(self._look, CHANGES)
        self.able = self._watched.able

    def add(self, laid: Laid) -> None:
        """Watch the folder of a file that was laid, as it is now. Raises OSError."""
        folder = laid.path.parent
        if str(folder) not in self._folders:
            self._folders[str(folder)] = _Folder(laid, dict(_seen(folder, {})))
            self._watched.add(folder, str(folder))

    def look(self, agent: str) -> None:
        """Look at the folders of one agent."""
        for key, folder in self._folders.items():
            if folder.laid.agent == agent:
                self._look(key)

    def hear(self) -> None:
        """Take in what the kernel has told by now, without waiting for the event loop."""
        self._watched.read()

    def close(self) -> None:
        """Watch no more; may be called twice."""
        self._watched.close()

    def _look(self, key: str) -> None:
        folder = self._folders[key]
        now = dict(_seen(Path(key), folder.seen))
        before, folder.seen = folder.seen, now
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name) and folder.told < MOST:
                folder.told += 1
                was, is_ = before.get(name, (None, None))[1], now.get(name, (None, None))[1]
                self._changed(Change(folder.laid, Path(key) / name, was, is_))


def _seen(folder: Path, known: Mapping[str, Seen]) -> Iterator[tuple[str, Seen]]:
    """What is in a folder; a file that is as it is known is not read again."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, FILES):
            with suppress(OSError):  # it has gone meanwhile
                facts = entry.stat(follow_symlinks=False)
                state = (facts.st_ino, facts.st_size, facts.st_ctime_ns)
                if entry.is_dir(follow_symlinks=False):
                    state = (facts.st_ino, 0, 0)  # what is in it is its own affair
                before = known.get(entry.name)
                same = before if before is not None and before[0] == state else None
                yield entry.name, same or (state, _digest(entry))


def _digest(entry: os.DirEntry[str]) -> str | None:
    """The SHA-256 of the first 64 KiB of a file; None for anything else: an agent may have put it there."""
    if not entry.is_file(follow_symlinks=False):
        return None
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(entry.path, flags)
    try:
        return hashlib.sha256(os.read(handle, READ)).hexdigest()
    finally:
        os.close(handle)
