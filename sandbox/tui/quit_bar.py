"""What is to become of a run that is played here when the reader leaves: asked in place, not over the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

__all__ = ["Leave", "QuitBar"]

Leave: TypeAlias = Literal["running", "stop", "stay"]


class Answer(Static):
    """One answer, to be clicked."""

    def __init__(self, text: str, leave: Leave) -> None:
        super().__init__(f" {text} ", markup=False)
        self._leave = leave

    def on_click(self) -> None:
        """Choose it."""
        self.post_message(QuitBar.Chosen(self._leave))


class QuitBar(Horizontal, can_focus=True):
    """Takes the keyboard until it is answered; the page goes on above it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "l",
            "choose('running')",
            "Leave it running",
            tooltip="Leave the app; the run goes on, told in the terminal",
            id="quit.running",
        ),
        Binding(
            "s",
            "choose('stop')",
            "Stop it",
            tooltip="Stop the run in order, then leave",
            id="quit.stop",
        ),
        Binding(
            "escape,q,ctrl+q",
            "choose('stay')",
            "Stay",
            tooltip="Stay in the app",
            id="quit.stay",
        ),
    ]

    @dataclass
    class Chosen(Message):
        """The reader has answered."""

        leave: Leave

    def __init__(self, runs: int, before: Widget | None) -> None:
        super().__init__()
        self._runs = runs
        self._before = before

    def compose(self) -> ComposeResult:
        what = "A run is" if self._runs == 1 else f"{self._runs} runs are"
        it = "it" if self._runs == 1 else "them"
        yield Static(f" {what} played here. ", markup=False, classes="question")
        yield Answer(f"l  leave {it} running", "running")
        yield Answer(f"s  stop {it}", "stop")
        yield Answer("esc  stay", "stay")

    def on_mount(self) -> None:
        """Take the keyboard."""
        self.focus()

    def action_choose(self, leave: Leave) -> None:
        """Answer."""
        self.post_message(self.Chosen(leave))

    async def on_quit_bar_chosen(self, event: Chosen) -> None:
        """Give the keyboard back to who had it."""
        if event.leave == "stay":
            event.stop()
            if self._before is not None and self._before.is_attached:
                self._before.focus()
            await self.remove()
