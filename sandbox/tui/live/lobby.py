"""Live without a run: those that are being played on this machine, or how to begin one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from sandbox.tui.live.runs_list import Live, RunsList

__all__ = ["Lobby"]

_EVERY: Final = 2.0
"""Seconds between two looks at the machine."""

_EMPTY: Final = Text.assemble(
    ("Nothing is being played on this machine.\n\n", "bold"),
    ("1", "bold yellow"),
    "  choose a scenario and run it\n",
    ("3", "bold yellow"),
    "  look at runs that have ended\n\n",
    ("backrooms run NAME", "bold"),
    "  from any terminal: it appears here\n",
    ("backrooms watch control.json", "bold"),
    "  a run on another machine, by a copy of its file",
)


class Lobby(Vertical):
    """Looks again every two seconds while it is shown.

    Args:
        look: finds the live runs.
    """

    def __init__(self, look: Callable[[], Sequence[Live]]) -> None:
        super().__init__()
        self.list = RunsList()
        self._look = look
        self._empty = Static(_EMPTY, markup=False, classes="empty")

    def compose(self) -> ComposeResult:
        yield self.list
        yield self._empty

    def on_mount(self) -> None:
        """Look, and go on looking."""
        self.look()
        self.set_interval(_EVERY, self.look, name="lobby")

    def look(self) -> None:
        """Show what there is now."""
        if not self.screen.is_current and self.list.option_count:
            return
        runs = self._look()
        self.list.fill(runs)
        self.list.display = bool(runs)
        self._empty.display = not runs
        if runs and self.screen.focused is None:
            self.list.focus()
