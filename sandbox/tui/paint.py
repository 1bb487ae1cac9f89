"""Told lines as Textual draws them: the console's layout and looks, as strips and texts."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from sandbox.console.lines import Line, Span
from sandbox.console.styles import STYLES
from sandbox.console.terminal import draw, terminal

__all__ = ["height", "strips", "text"]

_CONSOLE = terminal(StringIO())
_LOOKS = {name: Style.parse(look) for name, look in STYLES.items()}


def strips(line: Line, width: int) -> list[Strip]:
    """Lay one line out for a width in cells, one strip a row."""
    return [
        Strip(row.render(_CONSOLE, end=""), row.cell_len) for row in draw(line, _CONSOLE, width)
    ]


def height(line: Line, width: int) -> int:
    """Count the rows that ``strips`` would give, without making them where one is enough."""
    if line.rule:
        return 1
    words = line.text if line.mark is None else line.mark.text + line.text
    if line.indent + 2 * len(words) <= width and "\n" not in words:  # none has over two cells
        return 1
    return len(draw(line, _CONSOLE, width))


def text(spans: Sequence[Span]) -> Text:
    """Put spans together in the looks of their styles."""
    return Text.assemble(*((span.text, _LOOKS.get(span.style, "")) for span in spans))
