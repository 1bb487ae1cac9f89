"""One flag of some run as a list holds it: small, whatever the record says, and with its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox.detect.folding import FlagRow, fold
from sandbox.detect.plain import names
from sandbox.transcript.notes import Note

__all__ = ["Key", "Noticed", "Severity", "arranged", "light", "severity"]

Key: TypeAlias = tuple[str, int]
"""The folder's name and the flag's own event."""

Severity: TypeAlias = Literal["!!", "!", "."]

_GRAVE: Final = frozenset({"contacted", "achieved", "broken", "tampered"})
_TRIED: Final = frozenset({"attempted", "denied"})

_NAME: Final = 100
_TITLE: Final = 300
_AUTHORS: Final = 20
"""Characters and names kept of a flag in a list; the record has all of it."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A row: a flag, a storm of like ones, or all of one kind that are muted in this run."""

    folder: Path
    row: FlagRow
    note: Note | None = None
    muted: bool = False

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.folder.name, self.row.seq

    @property
    def state(self) -> str:
        """What was decided about it, in a word."""
        if self.muted:
            return "muted"
        return "new" if self.note is None or self.note.verdict is None else self.note.verdict

    @property
    def severity(self) -> Severity:
        """``!!`` if something outside was reached or broken, ``!`` if it was tried, else ``.``."""
        return severity(self.row.level)


def severity(level: str) -> Severity:
    """How much a level weighs; a level that is not known weighs little."""
    level = level.partition(".")[0]
    return "!!" if level in _GRAVE else "!" if level in _TRIED else "."


def light(row: FlagRow) -> FlagRow:
    """The same flag without what only its own page shows: ten thousand of these fit into memory."""
    authors = names(row.data.get("authors"))[:_AUTHORS]
    return replace(
        row,
        id=row.id[:_NAME],
        level=row.level[:_NAME],
        technique=row.technique[:_NAME],
        agent=row.agent[:_NAME],
        to=row.to[:_NAME],
        title=row.title[:_TITLE],
        reaction=row.reaction[:_NAME],
        evidence=(),
        data={"authors": [author[:_NAME] for author in authors]},
    )


def arranged(
    folder: Path,
    rows: Sequence[FlagRow],
    held: Mapping[int, Note],
    *,
    folded: bool,
    muted: frozenset[str] = frozenset(),
) -> list[Noticed]:
    """The rows of one run as they are shown: storms folded, and each muted kind as one row."""
    shown: list[Noticed] = []
    quiet: dict[str, int] = {}
    for row in fold(rows) if folded else rows:
        at = quiet.get(row.id)
        if row.id not in muted:
            shown.append(Noticed(folder, row, held.get(row.seq)))
        elif at is None:
            quiet[row.id] = len(shown)
            shown.append(Noticed(folder, row, held.get(row.seq), muted=True))
        else:
            first = shown[at].row
            whole = replace(first, seqs=(*first.seqs, *row.seqs), last=row.last)
            shown[at] = replace(shown[at], row=whole)
    return shown
