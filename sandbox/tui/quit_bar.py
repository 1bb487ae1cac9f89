"""What is to become of work that is under way when the reader leaves: asked in place, not over the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from sandbox.console.fields import clause

__all__ = ["Leave", "QuitBar", "about_runs", "about_text"]

Leave: TypeAlias = Literal["running", "stop", "look", "draft", "stay"]


def _key(keys: str, leave: Leave, name: str, tooltip: str) -> Binding:
    return Binding(keys, f"choose('{leave}')", name, tooltip=tooltip, id=f"quit.{leave}")


class Answer(Static):
    """One answer, to be clicked."""

    def __init__(self, text: str, leave: Leave) -> None:
        super().__init__(f" {text} ", markup=False)
        self.leave = leave

    def on_click(self) -> None:
        """Choose it."""
        self.post_message(QuitBar.Chosen(self.leave))


class QuitBar(Horizontal, can_focus=True):
    """Takes the keyboard until it is answered, or the reader turns to another pane; the page goes on above it.

    Args:
        question: what is asked.
        answers: in order; staying is always one.
        before: who had the keyboard.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("l", "running", "Leave it running", "Leave the app; the run goes on, told in the terminal"),
        _key("s", "stop", "Stop it", "Stop the run in order, then leave"),
        _key("e", "look", "See it", "Go to the text that is not saved"),
        _key("d", "draft", "Leave a draft", "Leave; the text is offered again the next time"),
        _key("escape,q,ctrl+q,ctrl+c", "stay", "Stay", "Stay in the app"),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """The reader has answered."""

        leave: Leave

    def __init__(self, question: str, answers: Sequence[Answer], before: Widget | None) -> None:
        super().__init__()
        self._question = question
        self._answers = answers
        self._before = before

    def compose(self) -> ComposeResult:
        yield Static(f" {clause(self._question)} ", markup=False, classes="question")
        yield from self._answers
        yield Answer("esc  stay", "stay")

    def on_mount(self) -> None:
        """Take the keyboard."""
        self.focus()
        self.watch(self.screen, "focused", self._turned_away, init=False)

    @property
    def is_modal(self) -> bool:
        """A key of the page would mean something else than what is asked here."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is asked can be answered."""
        offered = {"stay", *(answer.leave for answer in self._answers)}
        return action != "choose" or parameters[0] in offered

    def action_choose(self, leave: Leave) -> None:
        """Answer."""
        self.post_message(self.Chosen(leave))

    async def on_quit_bar_chosen(self, event: Chosen) -> None:
        """Give the keyboard back to who had it."""
        there = self._before is not None and self._before.is_attached
        if event.leave in {"stay", "look", "draft"}:
            self.screen.set_focus(self._before if there else None)
        if event.leave == "stay":
            event.stop()
            await self.remove()

    async def _turned_away(self, focused: Widget | None) -> None:
        if focused not in {None, self}:
            await self.remove()


def about_runs(runs: int, before: Widget | None) -> QuitBar:
    """Ask what is to become of runs that are played here."""
    what = "A run is" if runs == 1 else f"{runs} runs are"
    it = "it" if runs == 1 else "them"
    answers = [Answer(f"l  leave {it} running", "running"), Answer(f"s  stop {it}", "stop")]
    return QuitBar(f"{what} played here.", answers, before)


def about_text(name: str, before: Widget | None) -> QuitBar:
    """Ask what is to become of a text that no file holds."""
    answers = [Answer("e  see it", "look"), Answer("d  leave a draft", "draft")]
    return QuitBar(f"{name} is not saved.", answers, before)
