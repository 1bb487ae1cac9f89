"""What there is to know of one run before it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.console.styles import STYLES, agent_style
from sandbox.tui.runs.run_row import ends
from sandbox.tui.runs.shelf import Row, why_broken

__all__ = ["RunCard"]

_AGENTS = 12
_ENDED: Final = {
    "turns": "ended: all its turns were played",
    "word": "ended: somebody said the word that ends it",
    "all-left": "ended: nobody is left",
    "frozen": "ended: who is left is frozen",
    "silence": "ended: nobody spoke any more",
    "seconds": "ended: its time was up",
    "tokens": "ended: its tokens were spent",
    "money": "ended: its money was spent",
    "stopped": "stopped by an operator",
}
"""What the words of the list stand for."""

EMPTY = Text.assemble(
    ("No runs yet\n\n", "bold"),
    "What is played is recorded here, to be searched, replayed and compared.\n\n",
    ("1", "bold yellow"),
    " goes to the scenarios; ",
    ("enter", "bold yellow"),
    " there plays one.",
)


class RunCard(VerticalScroll, can_focus=True):
    """Title, agents, length, end, what it was made from; of a broken one, why it cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self._content = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._content

    def show(self, row: Row | None) -> None:
        """Show one run; None where there is none."""
        self.border_title = "Run"
        self._content.update(EMPTY if row is None else _card(row))
        self.scroll_home(animate=False)


def _card(row: Row) -> RenderableType:
    if row.info is None:
        return Text.assemble((clause(row.id), "bold"), ("\n\nReading …", "dim"))
    if row.broken:
        return Text.assemble(
            (f"{clause(row.id)}\n\n", "bold"),
            ("This run cannot be read from its beginning.\n", "bold red"),
            clause(why_broken(row.folder)),
            (f"\n\nbackrooms repair {clause(row.id)}   writes what is whole of it", "dim"),
        )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in _facts(row):
        table.add_row(label, value)
    return Group(Text(clause(row.title), "bold"), Text(), table)


def _facts(row: Row) -> Iterator[tuple[str, RenderableType]]:
    info = row.info
    assert info is not None
    end, style = ends(row)
    yield "run", Text(clause(row.id))
    yield "state", Text(_ENDED.get(info.end, end), STYLES[style])
    if info.started:
        yield "began", Text(clause(info.started[:19].replace("T", " ")))
    yield "turns", Text(f"{info.turns:,}   {count(info.events, 'event')}   {_bytes(info.size)}")
    if row.flags:
        yield "flags", Text(f"{row.flags:,}", "bold yellow")
    elif row.flags == 0:
        yield "flags", Text("none", "dim")
    if info.agents:
        yield "agents", _agents(info.agents)
    if info.forked:
        yield "fork of", Text(clause(info.forked))
    if info.imported:
        yield "from", Text(clause(info.imported))
    yield "folder", Text(clause(row.folder), "dim")


def _agents(agents: tuple[str, ...]) -> Text:
    names = Text()
    for number, agent in enumerate(agents[:_AGENTS]):
        names.append(f"{clause(agent)}  ", STYLES[agent_style(number)])
    if len(agents) > _AGENTS:
        names.append(f"and {len(agents) - _AGENTS} more", "dim")
    return names


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
