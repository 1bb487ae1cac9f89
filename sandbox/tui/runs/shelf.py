"""The runs below a folder: their names at once, then what each is, and how they are put in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.record import Record
from sandbox.transcript.runs import RunInfo
from sandbox.transcript.search.runfile import run_files

__all__ = ["ORDERS", "Row", "both", "flags_of", "named", "ordered", "why_broken"]

_COUNTED: Final = 16 << 20
"""Bytes of a record up to which flags are counted in it, if its end does not tell them."""

_BROKEN: Final = frozenset({"damaged", "unreadable"})


@dataclass(frozen=True, slots=True)
class Row:
    """One run: its name, and once they are read, the facts and its flags (None: not counted)."""

    id: str
    folder: Path
    size: int = 0
    info: RunInfo | None = None
    flags: int | None = None

    @property
    def live(self) -> bool:
        """Whether an engine writes it now."""
        return self.info is not None and self.info.end == "running"

    @property
    def broken(self) -> bool:
        """Whether its record cannot be read from the beginning."""
        return self.info is not None and self.info.end in _BROKEN

    @property
    def title(self) -> str:
        """What it is called, hostile; its id where nobody says."""
        return self.info.title if self.info is not None and self.info.title else self.id


ORDERS: Final[Mapping[str, Callable[[Row], Any]]] = {
    "newest": lambda row: row.id,
    "oldest": lambda row: row.id,
    "title": lambda row: row.title.casefold(),
    "turns": lambda row: row.info.turns if row.info else 0,
    "flags": lambda row: row.flags or 0,
    "size": lambda row: row.size,
    "end": lambda row: row.info.end if row.info else "",
}
"""What a list can be sorted by; of numbers the greatest comes first."""

_UPWARDS: Final = frozenset({"oldest", "title", "end"})


def named(root: Path) -> list[Row]:
    """The runs of a folder, the newest first; nothing of them is read yet."""
    return [Row(file.id, file.path.parent, file.size) for file in run_files(root)]


def ordered(rows: Iterable[Row], order: str) -> list[Row]:
    """Put runs in one of ``ORDERS``; those that are alike stay newest first."""
    newest = sorted(rows, key=lambda row: row.id, reverse=True)
    return sorted(newest, key=ORDERS[order], reverse=order not in _UPWARDS)


def flags_of(row: Row) -> int | None:
    """Count the flags of a run: as its end tells them, else in its record unless that is long."""
    if row.info is None or row.broken or not row.info.events:
        return None
    try:
        with Record(row.folder) as record:
            last = next(record.backwards(), None)
            totals = last.data.get("totals") if last is not None else None
            told = totals.get("flags") if isinstance(totals, Mapping) else None
            if isinstance(told, int):
                return told
            return sum(1 for _ in record.of(kind="flag")) if record.size <= _COUNTED else None
    except (OSError, TranscriptError):
        return None


def why_broken(folder: Path) -> str:
    """Say why a record cannot be read, in a sentence; empty if it can."""
    try:
        with Record(folder) as record:
            for events in (record.events(), record.backwards()):
                next(events, None)
    except Damaged as error:
        return str(error)
    except (OSError, TranscriptError) as error:
        return str(error)
    return ""


def both(rows: Sequence[Row]) -> tuple[Path, Path]:
    """The folders of two runs, the older one first: what came of it stands beside it."""
    first, second = sorted(rows, key=lambda row: row.id)
    return first.folder, second.folder
