"""The first row of every page: where one is, and one word about its state."""

from __future__ import annotations

from typing import Literal, TypeAlias

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from sandbox.console.fields import clause

__all__ = ["Heading", "Tone"]

Tone: TypeAlias = Literal["calm", "live", "good", "warning", "bad"]


class Heading(Horizontal):
    """A title on the left, a word on the right."""

    def __init__(self, title: str, word: str = "", tone: Tone = "calm") -> None:
        super().__init__()
        self._title = Static(f" {clause(title)}", markup=False, classes="title")
        self._word = Static(markup=False, classes="word")
        self.state(word, tone)

    def compose(self) -> ComposeResult:
        yield Static(" Backrooms ", markup=False, classes="house")
        yield self._title
        yield self._word

    def state(self, word: str, tone: Tone) -> None:
        """Change the word and its tone."""
        self._word.update(f" {clause(word)} " if word else "")
        self._word.set_classes(["word", tone])
