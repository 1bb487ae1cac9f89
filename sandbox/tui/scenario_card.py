"""What there is to know of a scenario before it is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise
from sandbox.console.styles import STYLES, agent_style
from sandbox.scenario.schema import TALK_TOOLS, AgentSpec, Scenario
from sandbox.scenario.summary import summary
from sandbox.tui.shelf import Entry

__all__ = ["ScenarioCard"]


class ScenarioCard(VerticalScroll, can_focus=True):
    """Title, cast, rooms, order, ends, boxes, and what is wrong or doubtful."""

    def __init__(self) -> None:
        super().__init__()
        self._content = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._content

    def show(self, entry: Entry | None) -> None:
        """Show one entry; None where there is nothing to choose from."""
        self.border_title = None if entry is None else clause(entry.where).replace("[", "\\[")
        self._content.update(_EMPTY if entry is None else _card(entry))
        self.scroll_home(animate=False)


_EMPTY = Text.assemble(
    ("No scenarios here.\n\n", "bold"),
    "A whole scenario is five lines of YAML, in a file under scenarios/:\n\n",
    (
        "title: Two strangers\nagents:\n  ada: {model: local/smollm2}\n  bo: {model: local/qwen}\n\n",
        "cyan",
    ),
    "Then press r here.",
)


def _card(entry: Entry) -> RenderableType:
    if entry.error:
        return Text.assemble(
            ("This file cannot be run.\n\n", "bold red"),
            neutralise(entry.error),
            ("\n\nMend it and press r.", "dim"),
        )
    if entry.scenario is None:
        return Text("Reading …", "dim")
    scenario = entry.scenario
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in _facts(scenario):
        table.add_row(label, value)
    parts: list[RenderableType] = [Text(clause(scenario.title), "bold")]
    if scenario.about.strip():
        parts += [Text(neutralise(scenario.about.strip()))]
    if entry.warnings:
        table.add_row()
        table.add_row(Text("warnings", "bold yellow"), _lines(entry.warnings))
    return Group(*parts, Text(), table)


def _lines(warnings: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    for warning in warnings:
        table.add_row(Text("!", "bold yellow"), Text(neutralise(warning)))
    return table


def _facts(scenario: Scenario) -> Iterator[tuple[str, RenderableType]]:
    yield "agents", _cast(scenario)
    for label, value in summary(scenario)[len(scenario.agents) :]:
        yield label, Text(clause(value))


def _cast(scenario: Scenario) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for number, (name, spec) in enumerate(scenario.agents.items()):
        table.add_row(
            Text(name, STYLES[agent_style(number)]),
            Text(clause(spec.model), overflow="ellipsis"),
            Text(_tools(spec), "dim"),
        )
    return table


def _tools(spec: AgentSpec) -> str:
    """The tools; all those of talk, which nearly every agent has, in one word."""
    tools: list[str] = list(spec.tools)
    if set(TALK_TOOLS) <= set(tools):
        tools = ["talk", *(tool for tool in tools if tool not in TALK_TOOLS)]
    return ", ".join(tools) or "none"
