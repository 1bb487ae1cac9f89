"""The first row of every page: the modes on the left, what the page is about and its state on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.tui.places import MODES, ModeName
from sandbox.tui.too_small import WIDTHS

__all__ = ["Heading", "ModeKey", "Tone"]

Tone: TypeAlias = Literal["calm", "live", "good", "warning", "bad"]


class ModeKey(Static):
    """The key and name of one mode, to be clicked; where it is narrow, its key alone."""

    @dataclass
    class Chosen(Message):
        """The reader wants this mode."""

        mode: ModeName

    def __init__(self, mode: ModeName, *, here: bool) -> None:
        self.mode = mode
        key = str(MODES.index(mode) + 1)
        super().__init__(markup=False, classes="here" if here else "")
        self._long = f" {key} {mode.title()} "
        self._short = self._long if here else f" {key} "
        self.update(self._long)

    def on_resize(self) -> None:
        """Stay short where there is little room."""
        self.fit()

    def fit(self) -> None:
        """Choose the long or the short form by the width of the page."""
        narrow = self.app.size.width < WIDTHS[-1][0]  # the page learns of it a moment later
        self.update(self._short if narrow else self._long)

    def on_click(self) -> None:
        """Go there."""
        self.post_message(self.Chosen(self.mode))


class Heading(Horizontal):
    """Where one is; a page says the rest by ``say`` and ``state``."""

    def __init__(self, mode: ModeName) -> None:
        super().__init__()
        self.mode = mode
        self._said = Static(markup=False, classes="said")
        self._pill = Static(markup=False, classes="pill")
        self._pill.display = False

    def compose(self) -> ComposeResult:
        for mode in MODES:
            yield ModeKey(mode, here=mode == self.mode)
        yield self._said
        yield self._pill

    def on_resize(self) -> None:
        """Long names, or keys alone."""
        for key in self.query(ModeKey):
            key.fit()

    def say(self, text: str) -> None:
        """Say what the page is about, in a few words; hostile text is made neutral here."""
        said = f"{clause(text)} "
        if said != self._said.content:
            self._said.update(said, layout=False)

    def state(self, word: str, tone: Tone = "calm") -> None:
        """Set the pill: one word for the state, and its tone; an empty word takes it away."""
        pill = f" {clause(word)} "
        if pill != self._pill.content:  # as wide as its word: the page is laid out anew
            self._pill.update(pill)
        self._pill.set_classes(["pill", tone])
        self._pill.display = bool(word)
