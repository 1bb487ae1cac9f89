"""Flags as rows, and storms of like flags folded into one row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox.console.flag_title import flag_title
from sandbox.detect.plain import names, text, whole
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record

__all__ = ["TURNS", "FlagRow", "fold", "row", "rows"]

TURNS: Final = 10
"""A flag within so many turns of the one before, of the same id, level and agents, is one storm with it."""


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag, or several folded into the first of them. ``level`` and ``technique`` are empty if it has none.

    ``seqs`` are the flags' own events and ``last`` the turn of the last; ``data`` is all that the first
    one says, hostile as agents are.
    """

    seq: int
    turn: int
    id: str
    version: int
    level: str
    technique: str
    agent: str
    to: str
    elicited: int
    title: str
    reaction: str
    evidence: tuple[int, ...]
    seqs: tuple[int, ...]
    last: int
    data: Mapping[str, Any]

    @property
    def count(self) -> int:
        """How many flags this row is."""
        return len(self.seqs)


def row(flag: Event, turn: int) -> FlagRow:
    """One flag of whatever record; ``turn`` is the one it was recorded in, where the flag names none."""
    data = flag.data
    evidence = data.get("evidence")
    turn = whole(data.get("turn")) or turn
    return FlagRow(
        seq=flag.seq,
        turn=turn,
        id=text(data.get("id")),
        version=whole(data.get("version")),
        level=text(data.get("level")),
        technique=text(data.get("technique")),
        agent=text(data.get("agent")),
        to=text(data.get("to")),
        elicited=whole(data.get("elicited")),
        title=flag_title(data),
        reaction=text(data.get("reaction")) or "log",
        evidence=tuple(map(whole, evidence)) if isinstance(evidence, list | tuple) else (),
        seqs=(flag.seq,),
        last=turn,
        data=data,
    )


def rows(record: Record) -> list[FlagRow]:
    """All flags of a record, in order; nothing else of it is decoded. Raises Damaged."""
    return [row(flag, record.turn_of(flag.seq)) for flag in record.of(kind="flag")]


def fold(rows: Iterable[FlagRow]) -> list[FlagRow]:
    """The same rows with each storm as one, at the place of its first flag."""
    folded: list[FlagRow] = []
    open_: dict[tuple[str, ...], int] = {}
    for each in rows:
        key = (each.id, each.level, each.agent, each.to, *names(each.data.get("authors")))
        at = open_.get(key)
        if at is not None and each.turn - folded[at].last <= TURNS:
            whole_row = folded[at]
            folded[at] = replace(whole_row, seqs=(*whole_row.seqs, *each.seqs), last=each.last)
        else:
            open_[key] = len(folded)
            folded.append(each)
    return folded
