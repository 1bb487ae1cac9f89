"""A question in place: one row below the text, answered by one key, a click, or a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from sandbox.console.fields import clause

__all__ = ["Bar"]


class _Choice(Static):
    """One answer, to be clicked."""

    def __init__(self, key: str, label: str) -> None:
        super().__init__(f" {key} {label} ", markup=False, classes="choice")
        self.key = key


class Bar(Horizontal, can_focus=True):
    """Out of sight until it asks; ``esc`` is always an answer, and changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "answer('escape')", "Never mind", tooltip="Change nothing", id="bar.escape"
        ),
    ]

    @dataclass
    class Answered(Message):
        """A question was answered by ``key``; ``text`` is the name that was typed, if one was asked for."""

        question: str
        key: str
        text: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self.question = ""
        """The name of the question that is open; empty where there is none."""
        self._keys: Mapping[str, str] = {}
        self._back: Widget | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False, classes="sentence")
        yield Input(compact=True, select_on_focus=False)
        yield Horizontal(classes="choices")

    def ask(
        self, question: str, sentence: str, keys: Mapping[str, str], *, urgent: bool = True
    ) -> None:
        """Ask; ``keys`` are the answers with what they do. Unless it is urgent, the focus stays where it is."""
        self._open(question, sentence, keys)
        self.query_one(Input).display = False
        if urgent:
            self._take(self)

    def ask_name(self, question: str, sentence: str, name: str) -> None:
        """Ask for a name, with one to begin with; ``enter`` answers."""
        self._open(question, sentence, {"⏎": "save", "esc": "not now"})
        field = self.query_one(Input)
        field.display = True
        field.value = name
        field.cursor_position = len(name)
        self._take(field)

    def close(self) -> None:
        """Put the question away, and the focus back."""
        had_focus = self.has_focus or self.query_one(Input).has_focus
        self.display, self.question = False, ""
        if had_focus and self._back is not None and self._back.is_attached:
            self._back.focus()

    def _open(self, question: str, sentence: str, keys: Mapping[str, str]) -> None:
        self.question, self._keys = question, keys
        self.query_one(".sentence", Static).update(f" {clause(sentence)} ")
        row = self.query_one(".choices", Horizontal)
        with self.app.batch_update():
            _ = row.remove_children()
            _ = row.mount(*(_Choice(key, label) for key, label in keys.items()))
        self.display = True

    def _take(self, widget: Widget) -> None:
        here = self.screen.focused
        if here is not None and here not in {self, self.query_one(Input)}:
            self._back = here
        widget.focus()

    def on_key(self, event: Key) -> None:
        """Take the keys of the answers."""
        if self.has_focus and event.character in self._keys:
            event.stop()
            self.action_answer(str(event.character))

    @on(Click, "_Choice")
    def _click(self, event: Click) -> None:
        if isinstance(event.widget, _Choice):
            event.stop()
            names = {"⏎": "enter", "esc": "escape"}
            self.action_answer(names.get(event.widget.key, event.widget.key))

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer("enter")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()

    def action_answer(self, key: str) -> None:
        """Answer the open question."""
        question, text = self.question, self.query_one(Input).value
        self.close()
        self.post_message(self.Answered(question, key, text.strip()))
