"""Beside the room: the agent at the cursor, what it was told last, and the end of its shell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.text import Text
from textual.widgets import Static

from sandbox.console.lines import Span
from sandbox.tui.inspector.mirror import Row
from sandbox.tui.text.paint import text
from sandbox.tui.text.wrap import rows as rows_of
from sandbox.tui.titles import literal

__all__ = ["AgentPane"]

_NOTHING: Final[Row] = (Span("nothing yet", "note"),)


class AgentPane(Static):
    """Shows what it is given, as much of it as fits; the newest of what was told and done stays."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._drawn: Text | None = None
        self._agent = ""

    def show(
        self, agent: str, facts: Iterable[Row], told: Iterable[str], shell: Sequence[Row]
    ) -> None:
        """Show one agent; ``told`` is the newest first, and read as far as there is room."""
        width, height = self.size
        head = list(facts)
        room = max(2, height - len(head) - 3)
        below = min(len(shell), room // 2) if shell else 1
        above = max(1, room - below)
        rows: list[Text] = [text(row) for row in head]
        rows += [_rule("told last", width), *_tail(told, above, width)]
        rows += [_rule("shell", width)]
        rows += [text(row) for row in shell[-below:]] if shell else [text(_NOTHING)]
        for row in rows:
            row.no_wrap, row.overflow = True, "ellipsis"
        drawn = Text("\n", no_wrap=True, overflow="ellipsis").join(rows)
        if drawn != self._drawn:
            self._drawn = drawn
            self.update(drawn, layout=False)
        if agent != self._agent:
            self._agent = agent
            self.border_title = literal(agent)


def _rule(name: str, width: int) -> Text:
    return Text(f"── {name} {'─' * max(0, width - len(name) - 4)}", "dim")


def _tail(told: Iterable[str], rows: int, width: int) -> list[Text]:
    """The newest lines that fit, wrapped, in the order of their coming."""
    found: list[Text] = []
    for line in told:
        wrapped = _wrapped(line, width)
        if found and len(found) + len(wrapped) > rows:
            break
        found = wrapped[-rows:] + found
        if len(found) >= rows:
            break
    return found or [text(_NOTHING)]


def _wrapped(line: str, width: int) -> list[Text]:
    return [Text(line[start:end]) for start, end in rows_of(line, max(10, width))]
