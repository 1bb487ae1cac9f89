"""One run in a row: when it was, what it is called, how far it came, and how it stands."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, set_cell_size

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.tui.runs.shelf import Row

__all__ = ["ends", "run_spans"]

_BAD: Final = frozenset({"killed", "error", "damaged", "unreadable", "empty"})
_WIDE: Final = 48
"""Cells from which on there is room for the time of day."""


def run_spans(row: Row, width: int, *, mark: str = " ") -> list[Span]:
    """Lay a run out for a width in cells; ``mark`` stands before it."""
    when = _when(row.id, wide=width >= _WIDE)
    end, style = ends(row)
    turns = f"{row.info.turns:,}t" if row.info is not None and row.info.events else ""
    flags = f"!{row.flags}" if row.flags else ""
    tail = f" {turns:>6} {flags:>4} "
    room = width - 2 - len(when) - len(tail) - 9
    return [
        Span(f"{mark} ", "title"),
        Span(when, "note"),
        Span(_fitted(clause(row.title), max(2, room)), "" if row.info else "note"),
        Span(tail[:8], "note"),
        Span(tail[8:], "warning"),
        Span(f"{end[:9]:<9}", style),
    ]


def ends(row: Row) -> tuple[str, str]:
    """How a run stands, in a word, and the style of that word."""
    if row.info is None:
        return "…", "note"
    if row.live:
        return "* LIVE", "good"
    if row.info.end in _BAD:
        return clause(row.info.end), "failed"
    return clause(row.info.end), "note"


def _fitted(title: str, width: int) -> str:
    """A title in so many cells; one that is longer ends in a sign of it."""
    if cell_len(title) <= width:
        return set_cell_size(title, width)
    return f"{set_cell_size(title, width - 1)}…"


def _when(run: str, *, wide: bool) -> str:
    """The start in a run's id, ``11-21 13:21``; empty where there is none."""
    day, _, rest = run.partition("-")
    time = rest[:6]
    if not (len(day) == 8 and day.isdecimal() and len(time) == 6 and time.isdecimal()):
        return ""
    date = f"{day[4:6]}-{day[6:]} "
    return f"{date}{time[:2]}:{time[2:4]} " if wide else date
