"""The first page: choose a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.worker import get_current_worker

from sandbox.scenario.schema import Scenario
from sandbox.tui.heading import Heading
from sandbox.tui.page import Page
from sandbox.tui.scenario_card import ScenarioCard
from sandbox.tui.scenario_list import ScenarioList
from sandbox.tui.shelf import Entry, found, read

__all__ = ["Find", "LaunchPage"]

Find = Callable[[], Sequence[Entry]]
"""Lists the files to choose from."""


class LaunchPage(Page):
    """The list on one side, all there is to know of the entry at the cursor on the other."""

    ABOUT = (
        "Choose what to run. What a scenario holds, and what is wrong with it, stands beside it."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", "Run", tooltip="Run this scenario", id="launch.run"),
        Binding("r", "read_again", "Read again", tooltip="Read the files again", id="launch.read"),
        Binding("tab", "app.focus_next", "Pane", tooltip="To the other pane", id="launch.pane"),
    ]

    @dataclass
    class Run(Message):
        """The reader wants this scenario to be run."""

        scenario: Scenario

    @dataclass
    class WasRead(Message):
        """One file was read."""

        entry: Entry

    def __init__(self, find: Find = found) -> None:
        super().__init__(Heading("Choose a scenario"))
        self.list = ScenarioList()
        self.card = ScenarioCard()
        self._find = find

    def body(self) -> ComposeResult:
        with Container(classes="columns"):
            yield self.list
            yield self.card

    def on_mount(self) -> None:
        """Show the names at once; what the files hold comes in one by one."""
        self.action_read_again()
        self.list.focus()

    def action_read_again(self) -> None:
        """Look for files and read them."""
        entries = self._find()
        self.list.fill(entries)
        self.card.show(self.list.entry)
        self.run_worker(lambda: self._read(entries), name="read", thread=True, exclusive=True)

    def action_run(self) -> None:
        """Run the entry at the cursor, wherever the focus is."""
        if self.list.entry is not None:
            self._run(self.list.entry)

    def _read(self, entries: Sequence[Entry]) -> None:
        worker = get_current_worker()
        for entry in entries:
            if worker.is_cancelled:
                return
            self.post_message(self.WasRead(read(entry)))

    @on(WasRead)
    def _put(self, event: WasRead) -> None:
        self.list.put(event.entry)

    @on(ScenarioList.Pointed)
    def _show(self, event: ScenarioList.Pointed) -> None:
        self.card.show(event.entry)

    @on(ScenarioList.Chosen)
    def _chosen(self, event: ScenarioList.Chosen) -> None:
        self._run(event.entry)

    def _run(self, entry: Entry) -> None:
        if entry.scenario is not None:
            self.post_message(self.Run(entry.scenario))
        elif entry.error:
            self.notify("This file cannot be run: what is wrong stands beside it.", markup=False)
