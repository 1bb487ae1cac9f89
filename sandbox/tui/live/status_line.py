"""The row below a live run: what it is doing, and whether the view follows it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from sandbox.console.lines import Span
from sandbox.tui.text.paint import text

__all__ = ["StatusLine"]


class StatusLine(Horizontal):
    """Facts on the left, the view's own state on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._facts = Static(markup=False, classes="facts")
        self._shown: tuple[Span, ...] = ()
        self._view = Static(markup=False, classes="view")

    def compose(self) -> ComposeResult:
        yield self._facts
        yield self._view

    def facts(self, spans: tuple[Span, ...]) -> None:
        """Say what the run is doing; to be called as often as one likes."""
        if spans != self._shown:
            self._shown = spans
            self._facts.update(text(spans), layout=False)

    def view(self, *, following: bool, unread: int) -> None:
        """Say whether new lines are shown as they come."""
        news = f" {unread:,} new ·" if unread else ""
        said = " following " if following else f"{news} G follows "
        wider = len(said) != len(str(self._view.content))  # else nothing beside it moves
        self._view.update(said, layout=wider)
        self._view.set_class(not following, "held")
