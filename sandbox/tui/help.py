"""Help: the keys that work here, and what the page and the pane in focus are for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

__all__ = ["KeysScreen", "PaneHelp"]


class _Sheet(ModalScreen[None]):
    """Lies over the page it explains until one of its keys is pressed."""

    TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark,f1,ctrl+c", "dismiss", "Close", tooltip="Close", id="help.close"
        ),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll() as frame:
            frame.border_title = self.TITLE
            frame.border_subtitle = "esc closes"
            yield from self.parts()

    def parts(self) -> Iterable[Static]:
        """Make what stands in the frame."""
        return ()

    def table(self, bindings: Sequence[ActiveBinding]) -> Static:
        """Each thing that can be done once, with its keys."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        keys: dict[str, list[str]] = {}
        for active in bindings:
            binding = active.binding
            if binding.id is not None:  # those of Textual's own widgets have none
                key = self.app.get_key_display(Binding(binding.key, ""))
                keys.setdefault(binding.tooltip or binding.description, []).append(key)
        for description, names in keys.items():
            table.add_row(Text("  ".join(names), "bold"), Text(description))
        return Static(table, markup=False)


class KeysScreen(_Sheet):
    """The keys that work here: those of the pane in focus, of the page, and everywhere."""

    TITLE = "Keys"

    def __init__(self, about: str, bindings: Sequence[ActiveBinding]) -> None:
        super().__init__()
        self._about = about
        self._active = bindings

    def parts(self) -> Iterable[Static]:
        yield Static(self._about, markup=False, classes="about")
        everywhere = [each for each in self._active if each.node is self.app]
        here = [each for each in self._active if each.node is not self.app]
        yield self.table(here)
        yield Static("Everywhere", markup=False, classes="part")
        yield self.table(everywhere)


class PaneHelp(_Sheet):
    """What a page is for, and the pane in focus, with the pane's own keys and their ids."""

    def __init__(self, about: str, pane: str, bindings: Sequence[ActiveBinding]) -> None:
        super().__init__()
        self._about = about
        self._pane = pane
        self._active = bindings

    def parts(self) -> Iterable[Static]:
        yield Static(self._about, markup=False, classes="about")
        if self._pane:
            yield Static(self._pane, markup=False, classes="about")
        yield self.table(self._active)
        ids = ", ".join(dict.fromkeys(each.binding.id for each in self._active if each.binding.id))
        yield Static(
            f"Names for your own keys, see docs/app.md: {ids}", markup=False, classes="part"
        )
