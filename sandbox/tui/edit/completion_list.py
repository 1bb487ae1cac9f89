"""The ways to go on at the cursor, to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as Row

from sandbox.console.neutral import neutralise
from sandbox.tui.edit.completion import Completion, Option

__all__ = ["CompletionList"]

_ROWS = 8
_ABOUT = 44


class CompletionList(OptionList):
    """Lies over the text below the word; what is typed goes on into the text and narrows the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,enter", "select", "Take", tooltip="Write this", id="completion.take"),
        Binding("escape", "leave", "Close", tooltip="Close the list", id="completion.close"),
    ]

    @dataclass
    class Taken(Message):
        """One was chosen, for the word of this completion."""

        completion: Completion
        option: Option

    @dataclass
    class Left(Message):
        """The list was closed; ``key`` is one to go on with, if any."""

        key: Key | None = None

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self._completion: Completion | None = None

    def open(self, completion: Completion, at: Offset) -> None:
        """Offer these below a place on the screen."""
        self._completion = completion
        self.clear_options()
        width = max(len(option.name) for option in completion.options)
        self.add_options([Row(_row(option, width)) for option in completion.options])
        self.highlighted = 0
        self.absolute_offset = at
        self.styles.height = min(_ROWS, len(completion.options)) + 2
        self.display = True
        self.focus()

    def close(self) -> None:
        """Out of sight."""
        self.display = False

    async def _on_key(self, event: Key) -> None:
        if event.is_printable or event.key == "backspace":
            event.stop()
            self.post_message(self.Left(event))

    def action_leave(self) -> None:
        """Close the list and write nothing."""
        self.post_message(self.Left())

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._completion is not None:
            option = self._completion.options[event.option_index]
            self.post_message(self.Taken(self._completion, option))


def _row(option: Option, width: int) -> Text:
    about = neutralise(option.about.replace("``", ""), newlines=False)
    row = Text.assemble(
        (neutralise(option.name, newlines=False).ljust(min(width, 32)), ""), ("  " + about, "dim")
    )
    row.truncate(min(width, 32) + 2 + _ABOUT, overflow="ellipsis")
    return row
