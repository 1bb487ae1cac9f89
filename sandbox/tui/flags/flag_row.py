"""One flag in a row: how grave, when, what, who, whether anything asked for it, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.cells import set_cell_size

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.tui.flags.noticed import Noticed

__all__ = ["GRAVITY", "VERDICT_STYLES", "flag_spans", "head_spans", "who"]

GRAVITY: Final[Mapping[str, str]] = {"!!": "failed", "!": "warning", ".": "note"}
"""How each severity is drawn."""

VERDICT_STYLES: Final[Mapping[str, str]] = {"real": "failed", "false": "note", "new": "title"}

_ASKED: Final = ("", "asked", "named", "fiction")
"""Elicited, in a word of at most seven letters."""

_STATE: Final = 6
_ELICITED: Final = 9
_RUN: Final = 10
_LEAST: Final = 14
"""Cells that a flag's name has at least, before other columns are left out."""
_WIDE: Final = 72
"""Cells from which on there is room for long names."""


def flag_spans(flag: Noticed, width: int, *, run: bool = False) -> list[Span]:
    """Lay a flag out for a width in cells; ``run`` begins the row with the run's day and last letters."""
    row, quiet = flag.row, "note" if flag.state in {"muted", "false"} else ""
    name = clause(row.id).removeprefix("escape.")
    count = f" (x{row.count:,})" if row.count > 1 else ""
    level = clause(row.level) or "contact"
    columns = _columns(width, run=run)
    cells = [
        (flag.severity, quiet or GRAVITY[flag.severity]),
        (_short(flag.folder.name), "note"),
        (f"{row.turn:>5,}", "note"),
        (level if columns[3] > 10 else level.partition(".")[0], quiet or GRAVITY[flag.severity]),
        (f"{name}{count}", quiet),
        (who(flag), quiet),
        (_asked(row.elicited), "note"),
        (flag.state, VERDICT_STYLES.get(flag.state, "note")),
    ]
    return [
        Span(f"{set_cell_size(text, room - 1)} " if room > 1 else "", style)
        for (text, style), room in zip(cells, columns, strict=True)
    ]


def head_spans(width: int, *, run: bool = False) -> list[Span]:
    """The names of the columns."""
    names = ("", "run", " turn", "level", "flag", "agents", "elicited", "state")
    columns = _columns(width, run=run)
    text = "".join(f"{name[:room]:<{room}}" for name, room in zip(names, columns, strict=True))
    return [Span(text, "note")]


def _columns(width: int, *, run: bool) -> tuple[int, ...]:
    """The cells of each column: those that matter least go where there is no room."""
    wide = width >= _WIDE
    lead, agents = _RUN if run else 0, 18 if wide else 12
    level, elicited = (16, _ELICITED) if wide else (10, 0)
    fixed = 3 + lead + 6 + agents + _STATE + 1
    if width - fixed - level - elicited < _LEAST:
        level = 0
    return (
        3,
        lead,
        6,
        level,
        max(_LEAST, width - fixed - level - elicited),
        agents,
        elicited,
        _STATE + 1,
    )


def who(flag: Noticed) -> str:
    """The agent, and to whom it turned."""
    row = flag.row
    return clause(f"{row.agent} > {row.to}" if row.to else row.agent)


def _asked(elicited: int) -> str:
    return _ASKED[elicited] if 0 <= elicited < len(_ASKED) else "?"


def _short(run: str) -> str:
    """A run's day and last letters, which tell it from others to the eye."""
    day, _, rest = run.partition("-")
    return clause(f"{day[4:]}·{rest[-4:]}" if rest else run[:9])
