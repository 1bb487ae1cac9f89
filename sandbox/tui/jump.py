"""Jump mode: a key painted on each pane that takes the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

__all__ = ["JumpScreen"]

_KEYS: Final = "asdfghjklqwertzuiopyxcvbnm"


class JumpScreen(ModalScreen[Widget | None]):
    """Lies over a page until a key is pressed; its result is the pane of that key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,ctrl+o,ctrl+c", "dismiss", "Stay here", tooltip="Stay here", id="jump.leave"
        ),
    ]

    def __init__(self, panes: Sequence[Widget]) -> None:
        super().__init__()
        self.panes = dict(zip(_KEYS, panes, strict=False))
        """What each key leads to."""

    def compose(self) -> ComposeResult:
        for key, pane in self.panes.items():
            label = Static(f" {key} ", markup=False, classes="jump")
            label.styles.offset = (pane.region.x, pane.region.y)
            yield label

    def on_key(self, event: Key) -> None:
        """Go to the pane of this key."""
        pane = self.panes.get(event.key)
        if pane is not None:
            event.stop()
            _ = self.dismiss(pane)  # a page cannot wait for its own end
