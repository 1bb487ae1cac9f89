"""What is shown where a page cannot be opened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from sandbox.tui.page import Page

__all__ = ["AbsentPage"]


class AbsentPage(Page):
    """Says that there is nothing here, and how to go on."""

    ABOUT = "This part of the app is not installed."

    def body(self) -> ComposeResult:
        yield Static("This page is not installed. 1 goes to the scenarios.", classes="empty")
