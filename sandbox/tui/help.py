"""Help: what a page is for, and the keys that work on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

__all__ = ["HelpScreen"]


class HelpScreen(ModalScreen[None]):
    """Lies over the page it explains until one of its keys is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close", show=False),
    ]

    def __init__(self, about: str, bindings: Sequence[ActiveBinding]) -> None:
        super().__init__()
        self._about = about
        self._active = bindings

    def compose(self) -> ComposeResult:
        with VerticalScroll() as frame:
            frame.border_title = "Keys"
            frame.border_subtitle = "esc closes"
            yield Static(self._about, markup=False, classes="about")
            yield Static(self._table(), markup=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        keys: dict[str, list[str]] = {}
        for active in self._active:
            binding = active.binding
            if binding.id is not None:  # those of Textual's own widgets have none
                key = self.app.get_key_display(Binding(binding.key, ""))
                keys.setdefault(binding.tooltip or binding.description, []).append(key)
        for description, names in keys.items():
            table.add_row(Text("  ".join(names), "bold"), Text(description))
        return table
