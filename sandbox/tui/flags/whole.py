"""One flag with all that it says and rests on, read from its record."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise
from sandbox.detect.folding import FlagRow, row
from sandbox.detect.quoted import quoted
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.record import Record

__all__ = ["Quote", "Whole", "read_whole"]

_QUOTES: Final = 40
_QUOTED: Final = 4_000
"""Events, and characters of each; the record has all of it."""
_FACTS: Final = 30
_SAID: Final = frozenset(
    {"id", "version", "title", "evidence", "words", "deed", "refuted_by", "level", "technique"}
    | {"agent", "to", "turn", "elicited", "reaction"}
)
"""What stands elsewhere than among the facts."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An event of the evidence: neutral lines. ``seq`` is 0 if it is not in the record."""

    seq: int
    head: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A flag as its page shows it; ``fault`` if it cannot be read, and ``row`` is None then."""

    folder: Path
    seq: int
    row: FlagRow | None
    facts: tuple[tuple[str, str], ...] = ()
    refuted: str = ""
    quotes: tuple[Quote, ...] = ()
    more: int = 0
    """Events of the evidence that are not quoted here."""
    fault: str = ""


def read_whole(folder: Path, seq: int) -> Whole:
    """Read a flag; what cannot be read is told in its place."""
    try:
        with Record(folder) as record:
            event = record.get(seq)
            if event is None:
                return Whole(folder, seq, None, fault=f"There is no event {seq:,} in this run.")
            flag = row(event, record.turn_of(seq))
            named = (
                (clause(name)[:20], clause(flag.data[name]))
                for name in flag.data
                if name not in _SAID
            )
            return Whole(
                folder,
                seq,
                flag,
                facts=tuple(islice(((name, value) for name, value in named if value), _FACTS)),
                refuted=clause(flag.data.get("refuted_by")),
                quotes=tuple(_quote(flag, one, record) for one in flag.evidence[:_QUOTES]),
                more=max(0, len(flag.evidence) - _QUOTES),
            )
    except (OSError, TranscriptError) as error:
        return Whole(folder, seq, None, fault=str(error))


def _quote(flag: FlagRow, seq: int, record: Record) -> Quote:
    try:
        event = record.get(seq)
        if event is None:
            return Quote(0, f"event {seq:,} is not in the record", ())
        said = quoted(flag, event, record)
    except Damaged as error:
        return Quote(seq, f"event {seq:,} cannot be read", (clause(error),))
    cut = said[:_QUOTED].rstrip("\n")
    if len(said) > _QUOTED:
        cut += f"\n… {len(said) - _QUOTED:,} more characters"
    turn = record.turn_of(seq)
    head = f"event {seq:,}  turn {turn:,}  {clause(event.actor)}  {clause(event.kind)}"
    return Quote(seq, head, tuple(neutralise(cut).split("\n")))
