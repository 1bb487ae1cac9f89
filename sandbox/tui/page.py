"""What the app's pages share: heading, footer, help, and a least size."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from sandbox.tui.heading import Heading
from sandbox.tui.help import HelpScreen
from sandbox.tui.too_small import LEAST_HEIGHT, LEAST_WIDTH, TooSmall

__all__ = ["Page"]


class Page(Screen[None]):
    """A screen with a heading above its body and the keys below."""

    ABOUT: ClassVar[str] = ""
    """What help says of the page, before its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Keys", tooltip="These keys", id="help"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (LEAST_WIDTH, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LEAST_HEIGHT, "-tall")]

    def __init__(self, heading: Heading) -> None:
        super().__init__()
        self.heading = heading

    def compose(self) -> ComposeResult:
        yield self.heading
        yield from self.body()
        yield Footer(show_command_palette=False)
        yield TooSmall()

    @abstractmethod
    def body(self) -> ComposeResult:
        """Make what stands between heading and footer."""

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(HelpScreen(self.ABOUT, list(self.active_bindings.values())))
