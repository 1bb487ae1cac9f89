"""What the app's pages share: heading, footer, help, and a least size."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from sandbox.tui.heading import Heading
from sandbox.tui.too_small import TooSmall

__all__ = ["Page"]


class Page(Screen[None]):
    """A screen with a heading above its body and its keys below."""

    ABOUT: ClassVar[str] = ""
    """What help says of the page, before its keys."""

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
