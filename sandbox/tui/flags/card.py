"""A flag whole, as rows with a cursor: on a row of its evidence, enter goes there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from textual import on
from textual.events import Resize

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.detect.folding import FlagRow
from sandbox.tui.flags.flag_row import GRAVITY, VERDICT_STYLES
from sandbox.tui.flags.ladder import climbed, ladder
from sandbox.tui.flags.noticed import Noticed
from sandbox.tui.flags.whole import Whole
from sandbox.tui.runs.row_list import RowList
from sandbox.tui.text.wrap import rows as wrapped
from sandbox.tui.titles import literal

__all__ = ["CardRow", "FlagCard", "card_rows"]

ELICITED: Final = (
    "nothing asked for it",
    "the scenario asks for it",
    "a text that the agent could see names it",
    "the scenario says that all of it is fiction",
)
_LABEL: Final = 12


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row. ``seq`` is the event that enter goes to."""

    spans: tuple[Span, ...]
    seq: int


class FlagCard(RowList[CardRow]):
    """Shows one flag; the rows are laid anew for every width."""

    HELP = (
        "The flag whole. Up and down go through it; enter opens the replay at the event of the row."
    )

    def __init__(self) -> None:
        super().__init__(lambda row, width: row.spans)
        self.id = "card"
        self.border_title = "Flag"
        self._flag: Noticed | None = None
        self._whole: Whole | None = None
        self._peers: Sequence[FlagRow] = ()
        self._laid = 0

    def show(
        self, flag: Noticed | None, whole: Whole | None, peers: Sequence[FlagRow] = ()
    ) -> None:
        """Show a flag; ``whole`` is None while it is read. ``peers`` are all flags of its run."""
        same = flag is not None and self._flag is not None and flag.key == self._flag.key
        self._flag, self._whole, self._peers = flag, whole, peers
        self._lay(self.cursor if same else 0)

    def _lay(self, cursor: int) -> None:
        self._laid = self.size.width
        flag = self._flag
        if flag is None:
            self.border_title = "Flag"
            self.fill([])
            return
        level = flag.row.level or "contact"
        self.border_title = literal(f"{flag.severity} {level}  turn {flag.row.turn:,}")
        self.fill([*card_rows(flag, self._whole, self._peers, max(20, self._laid))], cursor)

    @on(Resize)
    def _fit(self) -> None:
        if self.size.width != self._laid:
            self._lay(self.cursor)


def card_rows(
    flag: Noticed, whole: Whole | None, peers: Sequence[FlagRow], width: int
) -> Iterator[CardRow]:
    """Lay a flag out for a width in cells."""
    own = flag.row.seq
    yield from _text(clause(flag.row.title), width, own, "title")
    yield CardRow((), own)
    if spans := ladder(flag.row.level):
        yield CardRow(tuple(spans), own)
        yield from _rungs(flag, peers, width)
        yield CardRow((), own)
    for name, value, style in _facts(flag):
        yield from _fact(name, value, width, own, style)
    if whole is None:
        yield CardRow((Span("Reading …", "note"),), own)
        return
    if whole.row is None:
        yield from _text(clause(whole.fault), width, own, "failed")
        return
    for name, value in whole.facts:
        yield from _fact(name, value, width, own)
    yield from _fact("refuted by", whole.refuted or "(the detector does not say)", width, own)
    yield CardRow((), own)
    yield CardRow((Span("Evidence", "title"), Span("   enter goes there", "note")), own)
    for quote in whole.quotes:
        seq = quote.seq or own
        yield CardRow((Span(quote.head, "note"),), seq)
        for line in quote.lines:
            for start, end in wrapped(line, width - 2):
                yield CardRow((Span("│ ", "note"), Span(line[start:end])), seq)
    if whole.more:
        yield CardRow((Span(f"… and {whole.more:,} more events", "note"),), own)
    if not whole.quotes:
        yield CardRow((Span("none is named", "note"),), own)


def _rungs(flag: Noticed, peers: Sequence[FlagRow], width: int) -> Iterator[CardRow]:
    """The flags by which it came so far, and how far it came since."""
    rungs = climbed(flag.row, peers)
    for rung in rungs if len(rungs) > 1 else ():
        here = ">" if rung.seq in flag.row.seqs else " "
        text = f"{here} turn {rung.turn:,}  {clause(rung.level)}  "
        yield CardRow(
            (Span(text, "" if here == ">" else "note"), Span(f"event {rung.seq:,}", "note")),
            rung.seq,
        )


def _facts(flag: Noticed) -> Iterator[tuple[str, str, str]]:
    row, note = flag.row, flag.note
    yield "flag", f"{clause(row.id)}  version {row.version}  event {row.seq:,}", ""
    agents = f"{clause(row.agent)} to {clause(row.to)}" if row.to else clause(row.agent)
    yield "agent", agents, ""
    if row.technique:
        yield "technique", clause(row.technique), ""
    known = 0 <= row.elicited < len(ELICITED)
    yield (
        "elicited",
        f"{row.elicited}: {ELICITED[row.elicited]}" if known else str(row.elicited)[:40],
        "",
    )
    if row.reaction != "log":
        yield "reaction", clause(row.reaction), "warning"
    if row.count > 1:
        yield "storm", f"{row.count:,} like it, turns {row.turn:,} to {row.last:,}   O unfolds", ""
    if flag.muted:
        yield "muted", "in this run, by you, until you leave: m shows it again", "note"
    if note is None or note.verdict is None:
        yield "verdict", "none yet:  a real   x false   u unsure", GRAVITY["!"]
        return
    said = f"{note.verdict} ({clause(note.author)}, {clause(note.at)[:16].replace('T', ' ')})"
    yield "verdict", said, VERDICT_STYLES.get(note.verdict, "")
    if note.text:
        yield "note", clause(note.text), ""


def _fact(name: str, value: str, width: int, seq: int, style: str = "") -> Iterator[CardRow]:
    label = f"{clause(name)[: _LABEL - 1]:<{_LABEL}}"
    for number, (start, end) in enumerate(wrapped(value, max(10, width - _LABEL))):
        lead = " " * _LABEL if number else label
        yield CardRow((Span(lead, "note"), Span(value[start:end], style)), seq)


def _text(text: str, width: int, seq: int, style: str) -> Iterator[CardRow]:
    for start, end in wrapped(text, width):
        yield CardRow((Span(text[start:end], style),), seq)
