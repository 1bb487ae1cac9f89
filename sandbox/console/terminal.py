"""Lines as Rich draws them: colours, a column for names, wrapped beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from sandbox.console.lines import Line, Span
from sandbox.console.styles import STYLES

__all__ = ["draw", "styled", "terminal"]


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the printer: Rich would end the whole program."""
        raise BrokenPipeError


def terminal(out: TextIO) -> Console:
    """Open a console that takes nothing for markup, and heeds NO_COLOR and FORCE_COLOR."""
    return _Terminal(
        file=out, theme=Theme(STYLES), markup=False, emoji=False, highlight=False, soft_wrap=False
    )


def styled(spans: Sequence[Span]) -> Text:
    """Put spans together; never by way of markup, which an agent could write."""
    return Text.assemble(*((span.text, span.style) for span in spans), overflow="fold")


def draw(line: Line, console: Console, width: int) -> list[Text]:
    """Lay one line out for a width in cells: one row, or as many as its body wraps to."""
    head, body = styled(line.head), styled(line.body)
    if line.rule:
        row = Text.assemble(head, body)
        row.truncate(width, overflow="ellipsis")
        row.append((" " + "─" * width)[: width - row.cell_len], "note")
        return [row]
    hang = min(max(line.indent, head.cell_len + 1), width // 3)
    head.truncate(max(hang - 1, 0), overflow="ellipsis")
    mark = styled((line.mark,)) if line.mark is not None else Text()
    rows = body.wrap(console, max(width - hang - mark.cell_len, 1), overflow="fold") or [Text()]
    drawn = []
    for row in rows:
        margin = Text(" " * (hang - head.cell_len))
        drawn.append(Text.assemble(head, margin, mark, row, no_wrap=True))
        head = Text()
        if line.mark is not None and not line.mark.text.startswith("│"):
            mark = Text(" " * mark.cell_len)  # a prompt stands once, a bar beside every row
    return drawn
