"""The first row of every page: the modes on the left, what the page is about and its state on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.cells import cell_len
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
    """The key and name of one mode, to be clicked; where there is no room for names, its key alone."""

    @dataclass
    class Chosen(Message):
        """The reader wants this mode."""

        mode: ModeName

    def __init__(self, mode: ModeName, *, here: bool) -> None:
        self.mode = mode
        key = str(MODES.index(mode) + 1)
        super().__init__(markup=False, classes="here" if here else "")
        self.long = f" {key} {mode.title()} "
        self._short = self.long if here else f" {key} "
        self.update(self.long)

    def fit(self, *, tight: bool) -> None:
        """Choose the long or the short form."""
        form = self._short if tight else self.long
        if form != self.content:  # else the page would be laid out anew
            self.update(form)

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
        self._tight = False

    def compose(self) -> ComposeResult:
        for mode in MODES:
            yield ModeKey(mode, here=mode == self.mode)
        yield self._said
        yield self._pill

    def on_resize(self) -> None:
        """Long names, or keys alone."""
        self._tight = False
        self._fit()

    def _fit(self) -> None:
        """Name the modes where that takes nothing from what is said; a wide page has room for both."""
        keys = list(self.query(ModeKey))
        width = self.app.size.width  # the page learns of it a moment later
        told = [self._said, self._pill] if self._pill.display else [self._said]
        cells = sum(cell_len(each.long) for each in keys) + 1
        cells += sum(cell_len(str(each.content)) for each in told)
        # What is said of a live run changes all the time; the names do not come and go with it.
        self._tight |= cells > width and width < WIDTHS[-1][0]
        for each in keys:
            each.fit(tight=self._tight)

    def say(self, text: str) -> None:
        """Say what the page is about, in a few words; hostile text is made neutral here."""
        said = f"{clause(text)} "
        if said != self._said.content:
            self._said.update(said, layout=False)
            self._fit()

    def state(self, word: str, tone: Tone = "calm") -> None:
        """Set the pill: one word for the state, and its tone; an empty word takes it away."""
        pill = f" {clause(word)} "
        if pill != self._pill.content:  # as wide as its word: the page is laid out anew
            self._pill.update(pill)
        self._pill.set_classes(["pill", tone])
        self._pill.display = bool(word)
        self._fit()
