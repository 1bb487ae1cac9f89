"""What a box holds as far as its agent's own words tell: files, links, copies of programs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Kept", "Memory"]

_FILES: Final = 256
_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's content as it was written, and the seqs of the events that wrote it."""

    text: str
    events: tuple[int, ...] = ()


@dataclass(slots=True)
class Memory:
    """One agent's box over its turns; the oldest files are forgotten first.

    ``links`` are symbolic links, ``programs`` copies of programs, ``renamed`` those of
    the system's own under a name that does not tell which; ``event`` is the
    seq that is being read, ``used`` the seqs that wrote what has been run since it was emptied,
    ``wanted`` the files that one reading asked for in vain, ``came_late`` whether it wrote one of them
    afterwards: a pipe with a name is read before it is written.
    """

    cwd: str = ""
    links: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    event: int = 0
    used: set[int] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    came_late: bool = False
    _files: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    _size: int = 0

    def write(self, path: str, text: str, *, appends: bool = False) -> None:
        """Keep what a file holds from now on."""
        self.came_late = self.came_late or path in self.wanted
        old = self._files.pop(path, None)
        events: tuple[int, ...] = (self.event,)
        if old is not None:
            self._size -= len(old.text)
            if appends:
                text = old.text + text
                events = (*old.events[-15:], self.event)
        text = text[:200_000]
        self._files[path] = Kept(text, tuple(dict.fromkeys(events)))
        self._size += len(text)
        while len(self._files) > _FILES or self._size > _BYTES:
            _, gone = self._files.popitem(last=False)
            self._size -= len(gone.text)
        for kept in (self.links, self.programs):
            kept.pop(path, None)

    def read(self, path: str) -> str | None:
        """What a file holds, if it was written before our eyes."""
        kept = self._files.get(path)
        if kept is None:
            if len(self.wanted) < _FILES:
                self.wanted.add(path)
            return None
        self.used.update(kept.events)
        return kept.text

    def link(self, path: str, target: str) -> None:
        """Remember a symbolic link."""
        _keep(self.links, path, target)

    def copy(self, path: str, program: str, *, hides: bool = False) -> None:
        """Remember that a file is a program under another name; ``hides``: one that does not tell which."""
        _keep(self.programs, path, program)
        if hides:
            _keep(self.renamed, path, program)

    def resolved(self, path: str) -> str:
        """Follow the links that are known."""
        for _ in range(8):
            for link, target in self.links.items():
                if path == link or path.startswith(link + "/"):
                    path = target + path[len(link) :]
                    break
            else:
                return path
        return path


def _keep(known: dict[str, str], path: str, what: str) -> None:
    known.pop(path, None)
    known[path] = what
    if len(known) > _FILES:
        del known[next(iter(known))]
