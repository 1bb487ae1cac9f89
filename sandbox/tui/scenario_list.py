"""The list of scenarios, one row a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.console.fields import clause
from sandbox.tui.shelf import Entry

__all__ = ["ScenarioList"]

_NAME: Final = 20


class ScenarioList(OptionList):
    """Rows of names; says which one the cursor is on, and which one was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Run", tooltip="Run this scenario", id="list.run"),
        Binding("up,k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("down,j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("home,g", "first", "To the first", show=False, id="list.first"),
        Binding("end,G", "last", "To the last", show=False, id="list.last"),
    ]

    @dataclass
    class Pointed(Message):
        """The cursor is on another entry, or its entry was read."""

        entry: Entry

    @dataclass
    class Chosen(Message):
        """The reader wants this entry."""

        entry: Entry

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._entries: dict[Path, Entry] = {}
        self.border_title = "Scenarios"

    @property
    def entry(self) -> Entry | None:
        """The one that the cursor is on."""
        return None if self.highlighted is None else [*self._entries.values()][self.highlighted]

    def fill(self, entries: Sequence[Entry]) -> None:
        """Show these and no others; the cursor stays on its file."""
        before = self.entry
        self._entries = {entry.path: entry for entry in entries}
        self.clear_options()
        self.add_options([Option(_row(entry)) for entry in entries])
        if entries:
            paths = [*self._entries]
            self.highlighted = paths.index(before.path) if before and before.path in paths else 0

    def put(self, entry: Entry) -> None:
        """Show what was read of one of the entries."""
        if entry.path not in self._entries:
            return  # another list was asked for meanwhile
        self._entries[entry.path] = entry
        index = [*self._entries].index(entry.path)
        self.replace_option_prompt_at_index(index, _row(entry))
        if index == self.highlighted:
            self.post_message(self.Pointed(entry))

    @on(Click)
    def _click(self, event: Click) -> None:
        """Point with one click, choose with two: a look at a scenario must not start it."""
        event.prevent_default()
        clicked = event.style.meta.get("option")
        if isinstance(clicked, int):
            self.highlighted = clicked
            if event.chain == 2:
                self.action_select()

    @on(OptionList.OptionHighlighted)
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.entry is not None:
            self.post_message(self.Pointed(self.entry))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.entry is not None:
            self.post_message(self.Chosen(self.entry))


def _row(entry: Entry) -> Text:
    name = Text(clause(entry.name), no_wrap=True, overflow="ellipsis")
    name.truncate(_NAME, overflow="ellipsis", pad=True)
    if entry.error:
        return name.append(" broken", "bold red")
    if entry.scenario is None:
        return name
    agents = len(entry.scenario.agents)
    name.append(f" {agents} agent{'s' * (agents != 1)}", "dim")
    return name.append(" !", "bold yellow") if entry.warnings else name
