"""The beginnings for a new scenario, to choose from."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.scenario.template import Template

__all__ = ["TemplateMenu"]


class TemplateMenu(ModalScreen[Template | None]):
    """Comes back with the one that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,ctrl+c", "dismiss(None)", "Never mind", tooltip="Close", id="templates.close"
        ),
        Binding("j", "down", "Down", show=False, tooltip="Down", id="templates.down"),
        Binding("k", "up", "Up", show=False, tooltip="Up", id="templates.up"),
    ]

    def __init__(self, templates: list[Template]) -> None:
        super().__init__()
        self._templates = templates
        self._list = OptionList(*(Option(_row(each)) for each in templates), markup=False)

    def compose(self) -> ComposeResult:
        self._list.border_title = "A new scenario from"
        self._list.border_subtitle = "enter opens it in the editor, esc closes"
        yield self._list

    def on_mount(self) -> None:
        """Begin with the shortest."""
        self._list.highlighted = 0
        self._list.focus()

    def action_down(self) -> None:
        """One row down."""
        self._list.action_cursor_down()

    def action_up(self) -> None:
        """One row up."""
        self._list.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        _ = self.dismiss(self._templates[event.option_index])


def _row(template: Template) -> Text:
    return Text.assemble((f"{template.name}\n", "bold"), (template.about, "dim"))
