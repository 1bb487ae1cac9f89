"""What is in a scenario, as the card shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sandbox.console.fields import clause
from sandbox.console.lines import shorten
from sandbox.console.neutral import neutralise
from sandbox.console.styles import STYLES, agent_style
from sandbox.scenario.schema import TALK_TOOLS, AgentSpec, IsolationSpec, Scenario
from sandbox.scenario.summary import summary

__all__ = ["facts_of", "loosened"]

_CAST: Final = 12
"""Agents that are shown one by one; a crowd is counted."""
_ABOUT: Final = 600


def facts_of(scenario: Scenario, warnings: Sequence[str]) -> RenderableType:
    """Title, what to look for, cast, rooms, order, ends, boxes, doors, and what is doubtful."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True, min_width=8)
    table.add_column()
    for label, value in _facts(scenario):
        table.add_row(label, value)
    parts: list[RenderableType] = [Text(clause(scenario.title), "bold")]
    if scenario.about.strip():
        parts.append(Text(neutralise(shorten(scenario.about.strip(), _ABOUT))))
    if warnings:
        table.add_row(Text("warnings", "bold yellow"), _lines(warnings))
    return Group(*parts, Text(), table)


def loosened(isolation: IsolationSpec) -> list[str]:
    """The keys that make boxes weaker or larger than the default, as they would be written."""
    default = IsolationSpec()
    found = []
    if isolation.tier == "none":
        found.append("tier: none")
    if isolation.memory > default.memory:
        found.append(f"memory: {isolation.memory >> 20}MiB")
    if isolation.disk > default.disk:
        found.append(f"disk: {isolation.disk >> 20}MiB")
    if isolation.cpu > default.cpu:
        found.append(f"cpu: {isolation.cpu:g}")
    if isolation.pids > default.pids:
        found.append(f"pids: {isolation.pids}")
    if isolation.image != default.image:
        found.append(f"image: {isolation.image}")
    return found


def _lines(warnings: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    for warning in warnings:
        table.add_row(Text("!", "bold yellow"), Text(neutralise(warning)))
    return table


def _facts(scenario: Scenario) -> Iterator[tuple[str, RenderableType]]:
    yield "agents", _cast(scenario)
    for label, value in summary(scenario)[len(scenario.agents) :]:
        words = Text(clause(value))
        if label == "boxes" and (loose := loosened(scenario.isolation)):
            words.append(f"  {', '.join(loose)}", "red")
        elif label == "doors":
            words.stylize("red")
        yield label, words


def _cast(scenario: Scenario) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for number, (name, spec) in enumerate(scenario.agents.items()):
        if number == _CAST:
            table.add_row(Text(f"… and {len(scenario.agents) - _CAST} more", "dim"), "", "")
            break
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
