"""What is shown where a page cannot be opened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from sandbox.tui.desk import Desk
from sandbox.tui.heading import Heading
from sandbox.tui.page import Page
from sandbox.tui.places import ModeName, Place

__all__ = ["AbsentPage"]


class AbsentPage(Page):
    """Says that there is nothing here, and how to go on."""

    ABOUT = "This part of the app is not installed."

    def __init__(self, desk: Desk, place: Place, mode: ModeName) -> None:
        super().__init__(desk, place)
        self.heading = Heading(mode)

    def body(self) -> ComposeResult:
        yield Static("This page is not installed. 1 goes to the scenarios.", classes="empty")
