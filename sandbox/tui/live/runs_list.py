"""The runs of this machine that are being played now, to sit down at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.console.fields import clause

__all__ = ["Live", "RunsList"]


@dataclass(frozen=True, slots=True)
class Live:
    """One run: its id, its title, and where it is played."""

    run: str
    title: str
    where: str


class RunsList(OptionList):
    """The newest first; Enter sits down."""

    HELP = "Runs that are being played on this machine. They go on, whoever watches."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False, id="live.down"),
        Binding("up,k", "cursor_up", "Up", show=False, id="live.up"),
        Binding("enter", "select", "Watch", tooltip="Sit down at it", id="live.choose"),
    ]

    @dataclass
    class Chosen(Message):
        """The reader wants to watch this run."""

        run: str

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.border_title = "Live runs"
        self._runs: tuple[Live, ...] = ()

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Nobody sits down at nothing."""
        return action != "select" or bool(self._runs)

    def fill(self, runs: Sequence[Live]) -> None:
        """Show these; the cursor stays on its run."""
        if tuple(runs) == self._runs:
            return
        at = self._runs[self.highlighted].run if self.highlighted is not None else ""
        self._runs = tuple(runs)
        self.refresh_bindings()
        self.clear_options()
        self.add_options([Option(_row(live)) for live in runs])
        if runs:
            ids = [live.run for live in runs]
            self.highlighted = ids.index(at) if at in ids else 0

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._runs[event.option_index].run))


def _row(live: Live) -> Text:
    row = Text(clause(live.title), "bold", no_wrap=True, overflow="ellipsis")
    return row.append(f"\n{clause(live.run)}  {clause(live.where)}", "dim not bold")
