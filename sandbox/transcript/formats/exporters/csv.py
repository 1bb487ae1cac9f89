"""A table of turns, one row each, for spreadsheets and data frames.

RFC 4180: UTF-8, commas, CRLF, quotes where needed. A cell that a spreadsheet would take for a formula
(it begins with ``=``, ``+``, ``-``, ``@``, in full width too, a tab or a line end) has an apostrophe
before it. Controls are shown as their pictures.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from sandbox.console.fields import clause, number, text, word
from sandbox.console.neutral import neutralise
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import models

__all__ = ["COLUMNS", "write"]

COLUMNS: Final = (
    "turn", "agent", "model", "began", "ended", "rooms", "reason", "thinks", "says", "whispers",
    "actions", "refused", "flags", "tokens_in", "tokens_out", "money", "model_ms", "text",
)  # fmt: skip
"""``rooms``, ``flags`` and ``agent`` hold several separated by ``; ``; ``text`` is all that was said aloud."""

_SAYS: Final = frozenset({"say", "operator.say"})
_WHISPERS: Final = frozenset({"whisper", "operator.whisper", "peer.message"})
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


@dataclass(slots=True)
class _Row:
    turn: int
    began: str
    cast: Mapping[str, str]
    """Who plays whom in this turn."""
    ended: str = ""
    reason: str = ""
    agents: dict[str, None] = field(default_factory=dict)
    rooms: dict[str, None] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    whispers: int = 0
    actions: int = 0
    refused: int = 0
    thinks: int = 0
    tokens: list[int] = field(default_factory=lambda: [0, 0])
    money: float | None = None
    ms: float = 0.0

    def take(self, event: Event) -> None:
        data = event.data
        self.ended = event.ts
        if event.room is not None:
            self.rooms.setdefault(clause(event.room))
        if event.kind in _SAYS:
            self.said.append(text(data, "text"))
            self.agents.setdefault(event.actor)
        elif event.kind in _WHISPERS:
            self.whispers += 1
            self.agents.setdefault(event.actor)
        elif event.kind == "turn.offered":
            self.agents.setdefault(event.actor)
        elif event.kind == "turn.ended":
            self.reason = word(data, "reason")
        elif event.kind == "think.done":
            self._think(event)
        elif event.kind == "action.intent":
            self.actions += 1
        elif event.kind == "action.refused":
            self.refused += 1
        elif event.kind == "flag":
            self.flags.append(word(data, "id"))

    def _think(self, event: Event) -> None:
        data = event.data
        self.thinks += 1
        self.tokens[0] += int(number(data, "tokens_in"))
        self.tokens[1] += int(number(data, "tokens_out"))
        self.ms += number(data, "ms")
        if data.get("money") is not None:
            self.money = (self.money or 0.0) + number(data, "money")

    def cells(self) -> tuple[object, ...]:
        named = dict.fromkeys(self.cast.get(agent, "") for agent in self.agents)
        return (
            self.turn,
            "; ".join(map(clause, self.agents)),
            "; ".join(filter(None, named)),
            neutralise(self.began, newlines=False),
            neutralise(self.ended, newlines=False),
            "; ".join(self.rooms),
            self.reason,
            self.thinks,
            len(self.said),
            self.whispers,
            self.actions,
            self.refused,
            "; ".join(self.flags),
            *self.tokens,
            "" if self.money is None else f"{self.money:.6f}",
            round(self.ms, 1),
            "\n\n".join(self.said),
        )


def write(source: Source, out: BinaryIO) -> None:
    """Write a line of column names and a row for each turn; turn 0 only if somebody spoke in it."""
    text_out = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    table = csv.writer(text_out)
    table.writerow(COLUMNS)
    cast: Mapping[str, str] = {}
    row: _Row | None = None
    for turn, event in source:
        cast = models(event) or cast
        if event.kind == "run.started":
            continue
        if row is None or turn != row.turn:
            _finish(table, row)
            row = _Row(turn, event.ts, cast)
        row.take(event)
    _finish(table, row)
    text_out.detach()


def _finish(table: object, row: _Row | None) -> None:
    if row is not None and (row.turn or row.said or row.whispers):
        table.writerow(_harmless(cell) for cell in row.cells())  # type: ignore[attr-defined]


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
