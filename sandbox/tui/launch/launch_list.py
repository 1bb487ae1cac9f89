"""What can be chosen on the launch page, one row each, in sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.tui.launch.items import Item, key_of, matches, row_of

__all__ = ["LaunchList"]


class LaunchList(OptionList):
    """Rows in sections; says which one the cursor is on, and which one was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Launch", tooltip="Launch it; open a run", id="list.choose"),
        Binding("up,k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("down,j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("home,g", "first", "To the first", show=False, id="list.first"),
        Binding("end,G", "last", "To the last", show=False, id="list.last"),
    ]

    @dataclass
    class Pointed(Message):
        """The cursor is on another item, or what is known of its item has changed; None: there is none."""

        item: Item | None

    @dataclass
    class Chosen(Message):
        """The reader wants this one."""

        item: Item

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.border_title = "Scenarios"
        self._sections: dict[str, dict[str, Item]] = {}
        self._shown: list[Item | None] = []
        self._words = ""
        self._now = 0.0

    @property
    def item(self) -> Item | None:
        """The one that the cursor is on."""
        at = self.highlighted
        return None if at is None or at >= len(self._shown) else self._shown[at]

    def fill(self, section: str, items: Sequence[Item], now: float) -> None:
        """Show these in a section and no others; the cursor stays on its item. ``now`` is unix seconds."""
        self._now = now
        self._sections[section] = {key_of(item): item for item in items}
        self._lay_out()

    def put(self, item: Item) -> None:
        """Show what was read of one of the items."""
        key = key_of(item)
        for section in self._sections.values():
            if key in section:
                section[key] = item
        at = next(
            (n for n, shown in enumerate(self._shown) if shown and key_of(shown) == key), None
        )
        if at is None:
            if self._words:
                self._lay_out()  # its title may match what is looked for
            return
        self._shown[at] = item
        self.replace_option_prompt_at_index(at, self._row(item))
        if at == self.highlighted:
            self.post_message(self.Pointed(item))

    def look_for(self, words: str) -> int:
        """Show only what matches; gives how many do."""
        self._words = words
        self._lay_out()
        return sum(item is not None for item in self._shown)

    def on_resize(self) -> None:
        """Draw the rows for the room that there is."""
        for at, item in enumerate(self._shown):
            if item is not None:
                self.replace_option_prompt_at_index(at, self._row(item))

    def _row(self, item: Item) -> Text:
        # A column less: the scroll bar may come.
        return row_of(item, self._now, self.content_size.width - 1)

    def _lay_out(self) -> None:
        before = self.item
        self._shown, options = [], []
        for section, items in self._sections.items():
            found = [item for item in items.values() if matches(item, self._words)]
            if not found:
                continue
            if self._shown:
                options.append(Option(Text(f"─ {section}"), disabled=True))
                self._shown.append(None)
            options += [Option(self._row(item)) for item in found]
            self._shown += found
        self.clear_options()
        self.add_options(options)
        keys = [None if item is None else key_of(item) for item in self._shown]
        if self._shown:
            self.highlighted = (
                keys.index(key_of(before)) if before and key_of(before) in keys else 0
            )
        self.post_message(self.Pointed(self.item))

    @on(Click)
    def _click(self, event: Click) -> None:
        """Point with one click, choose with two: a look at a scenario must not start it."""
        event.prevent_default()
        clicked = event.style.meta.get("option")
        if isinstance(clicked, int) and self._shown[clicked] is not None:
            self.highlighted = clicked
            if event.chain == 2:
                self.action_select()

    @on(OptionList.OptionHighlighted)
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.item is not None:
            self.post_message(self.Pointed(self.item))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.item is not None:
            self.post_message(self.Chosen(self.item))
