"""A question on one row of a page, in place of a dialog: a line to type, or a few keys to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Click, Key
from textual.widget import Widget
from textual.widgets import Input, Static

from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise

__all__ = ["AskBar", "ChoiceBar"]

_LEAST: Final = 16
"""Cells to type in, before there is room for a hint; ``app.tcss`` knows it too."""


class AskBar(Horizontal):
    """Out of sight until something is asked; Enter answers, Escape leaves it and gives the focus back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", tooltip="Leave the question", id="ask.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._label = Static(markup=False, classes="label")
        self._input = Input(compact=True, select_on_focus=False)
        self._hint = Static(markup=False, classes="hint")
        self._named = ""
        self._answer: Callable[[str], None] = lambda text: None
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._input
        yield self._hint

    @property
    def asking(self) -> bool:
        """Whether a question is open."""
        return bool(self.display)

    def ask(
        self, label: str, answer: Callable[[str], None], *, value: str = "", hint: str = ""
    ) -> None:
        """Ask; ``answer`` is called with what was typed, unless the reader leaves.

        A ``value`` that cannot be shown as it is, is not offered: what is typed is taken as it stands.
        """
        if not self.asking:
            self._before = self.screen.focused
        self._named = f" {clause(label)} "
        self._label.update(self._named)
        self._hint.update(f" {clause(hint)} ")
        self._fit()
        self._input.value = value if neutralise(value, newlines=False) == value else ""
        self._input.cursor_position = len(self._input.value)
        self._answer = answer
        self.display = True
        self._input.focus()

    def on_resize(self) -> None:
        """Leave the hint what room there is."""
        self._fit()

    def _fit(self) -> None:
        room = self.app.size.width - cell_len(self._named) - _LEAST
        self._hint.styles.max_width = max(0, room)

    def action_leave(self) -> None:
        """Ask no more."""
        _give_back(self, self._before)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_leave()
        self._answer(event.value)

    @on(Input.Changed)
    def _keep(self, event: Input.Changed) -> None:
        event.stop()


class ChoiceBar(Widget, can_focus=True):
    """Out of sight until there is a choice; a key or a click takes one, Escape none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", tooltip="Choose nothing", id="choice.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._text = Text()
        self._spots: list[tuple[int, int, str]] = []
        """The columns of each choice."""
        self._choices: Mapping[str, str] = {}
        self._answer: Callable[[str], None] = lambda choice: None
        self._before: Widget | None = None

    @property
    def asking(self) -> bool:
        """Whether a choice is open."""
        return bool(self.display)

    def offer(self, label: str, choices: Mapping[str, str], answer: Callable[[str], None]) -> None:
        """Offer choices by their keys; ``answer`` is called with the value of the one that is taken."""
        if not self.asking:
            self._before = self.screen.focused
        self._choices, self._answer = choices, answer
        self._text = Text(f" {clause(label)} ", "bold")
        self._spots = []
        for key, value in choices.items():
            start = self._text.cell_len
            self._text.append(f"  {key} ", "bold yellow").append(clause(value))
            self._spots.append((start, self._text.cell_len, value))
        self._text.append("   esc closes", "dim")
        self.display = True
        self.refresh()
        self.focus()

    def render(self) -> Text:
        return self._text

    def action_leave(self) -> None:
        """Choose nothing."""
        _give_back(self, self._before)

    @on(Key)
    def _key(self, event: Key) -> None:
        value = self._choices.get(event.character or "")
        if value is not None:
            event.stop()
            event.prevent_default()
            self._choose(value)

    @on(Click)
    def _click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        for start, end, value in self._spots:
            if offset is not None and start <= offset.x < end:
                self._choose(value)
                return

    def _choose(self, value: str) -> None:
        self.action_leave()
        self._answer(value)


def _give_back(bar: Widget, before: Widget | None) -> None:
    """Put a bar away, and the focus back at once: an answer may lead to the next question."""
    if before is not None and before.is_attached:
        bar.screen.set_focus(before)
    bar.display = False
