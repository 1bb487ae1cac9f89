"""One row to type into, below a transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

__all__ = ["AskLine"]


class AskLine(Horizontal):
    """Asks for a text; says what is typed, and whether it was meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Leave it", tooltip="Leave it as it was", id="ask.leave"),
    ]

    @dataclass
    class Changed(Message):
        """What is typed now."""

        text: str

    @dataclass
    class Done(Message):
        """Enter was pressed; ``text`` is None after escape."""

        text: str | None

    def __init__(self, label: str, hint: str, text: str = "") -> None:
        super().__init__()
        self._input = Input(text, placeholder=hint, compact=True, select_on_focus=False)
        self._label = Static(f" {label} ", markup=False)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._input

    def on_mount(self) -> None:
        """Take what is typed."""
        self._input.focus()

    def action_give_up(self) -> None:
        """Leave without a text."""
        self.post_message(self.Done(None))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done(event.value))
