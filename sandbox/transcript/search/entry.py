"""What the index holds of one run, and how it grows by the lines of its record."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass, field, replace
from typing import Final, TypeAlias

from sandbox.transcript.search.condition import KEY_BITS
from sandbox.transcript.search.document import documents, turn_after
from sandbox.transcript.search.fold import spelled
from sandbox.transcript.search.match import Facts
from sandbox.transcript.search.record import Line, facts, is_continued
from sandbox.transcript.search.runfile import RunFile

__all__ = ["Entry", "Intake"]

Value: TypeAlias = str | int

_TYPES: Final = (int, str, int, int, int, int, str, int, int, str, str)
"""Of the columns of ``runs``: SQLite itself takes anything anywhere."""

_FULL: Final = 1000
"""Documents that are handed to SQLite at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one run; the members are the columns of ``runs``.

    ``size`` and ``mtime`` are those of the file that was read to its end, -1 until then. ``done``
    bytes in ``lines`` lines are in the index, the last of which has the hash ``tail``; ``turn`` is
    where they end. ``fault`` says why no more of the file could be read.
    """

    key: int
    id: str
    size: int = -1
    mtime: int = -1
    done: int = 0
    lines: int = 0
    tail: str = ""
    turn: int = 0
    docs: int = 0
    facts: Facts = field(default_factory=lambda: Facts(""))
    fault: str = ""

    @classmethod
    def of(cls, row: tuple[Value, ...]) -> Entry:
        """Read a row of ``runs``.

        Raises:
            sqlite3.DatabaseError: it is none that was written here.
        """
        values = dict(zip(cls.__slots__, row, strict=True))
        if tuple(map(type, row)) != _TYPES:
            raise sqlite3.DatabaseError("a run in it is none")
        return cls(**{**values, "facts": _facts(str(values["facts"]))})  # type: ignore[arg-type]

    @property
    def row(self) -> tuple[Value, ...]:
        """The row of ``runs``."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return tuple({**values, "facts": json.dumps(asdict(self.facts))}.values())

    def is_fresh(self, file: RunFile) -> bool:
        """Whether the file is the one that was read to its end."""
        return (self.size, self.mtime) == (file.size, file.mtime)

    def goes_on(self, file: RunFile) -> bool:
        """Whether the file is the one that was read, and more."""
        # What was rewritten in place keeps its size, and may keep its last line.
        return self.size != file.size >= self.done and is_continued(file.path, self.done, self.tail)


def _facts(text: str) -> Facts:
    try:
        raw = json.loads(text)
        models = {str(agent): str(model) for agent, model in raw["models"].items()}
        return Facts(str(raw["id"]), str(raw["title"]), str(raw["format"]), models)
    except (ValueError, TypeError, LookupError, AttributeError):
        raise sqlite3.DatabaseError("what it says of a run cannot be read") from None


class Intake:
    """Lines of a record on their way into the tables."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._last: Line | None = None
        self._facts = entry.facts
        self._turn = entry.turn
        self._docs = entry.docs
        self.lines = entry.lines
        self.docs: list[tuple[Value, ...]] = []
        self.words: list[tuple[int, str]] = []
        self.marks: list[tuple[Value, ...]] = []

    @property
    def full(self) -> bool:
        """Whether it is time to hand over what is here."""
        return len(self.docs) >= _FULL

    @property
    def entry(self) -> Entry:
        """What the index holds of the run once it has all that is here."""
        if self._last is None:
            return self._entry
        return replace(
            self._entry,
            done=self._last.end,
            lines=self.lines,
            tail=self._last.event.hash,
            turn=self._turn,
            docs=self._docs,
            facts=self._facts,
        )

    def take(self, line: Line) -> None:
        """Add what can be found of one event."""
        event, run = line.event, self._entry
        self._last = line
        self._turn = turn_after(event, self._turn)
        self.lines += 1
        if event.kind == "run.started":
            self._facts = facts(run.id, event)
        for part, found in enumerate(documents(event)):
            rowid = (run.key << KEY_BITS) + self._docs
            self._docs += 1
            self.docs.append(
                (
                    rowid,
                    found.seq,
                    part,
                    line.at,
                    self._turn,
                    found.ts,
                    found.kind,
                    found.what,
                    found.agent,
                    found.room,
                    found.tool,
                    json.dumps(found.to) if found.to else "[]",
                )
            )
            if found.text:
                self.words.append((rowid, spelled(found.text)))
            if found.flag:
                self.marks += [(run.key, seq, found.flag) for seq in (found.seq, *found.evidence)]
