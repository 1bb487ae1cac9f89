"""The last row of every page: at most nine keys that work now, enter first, help always."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from sandbox.tui.too_small import LEAST_WIDTH

__all__ = ["KeyCap", "KeyRow"]

_MOST: Final = 9
_HELP: Final = "app.keys"


class KeyCap(Static):
    """One key with its name; a click presses it."""

    def __init__(self, binding: Binding, display: str, *, enabled: bool, tooltip: str) -> None:
        self.key = binding.key
        super().__init__(f" {display} {binding.description} ", markup=False)
        self.tooltip = tooltip or binding.description
        self.set_class(not enabled, "off")
        self.cells = len(display) + len(binding.description) + 3

    def on_click(self) -> None:
        """Press the key."""
        self.app.simulate_key(self.key)


class KeyRow(Horizontal):
    """Shows the keys of the page, then of the pane in focus, then of the app."""

    def on_mount(self) -> None:
        """Learn of every change of what keys do."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_resize(self) -> None:
        """Show as many as there is room for."""
        self._changed(self.screen)

    def _changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.call_after_refresh(self.recompose)

    def compose(self) -> ComposeResult:
        shown = list(self._caps())
        last = shown[-1:] if shown and shown[-1].has_class("help") else []
        room = max(self.size.width, LEAST_WIDTH) - sum(cap.cells for cap in last)
        for cap in shown[: len(shown) - len(last)][: _MOST - len(last)]:
            room -= cap.cells
            if room < 0:
                break
            yield cap
        yield from last

    def _caps(self) -> Iterator[KeyCap]:
        """One cap for each action, help last."""
        actions: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            binding, other = active.binding, actions.get(active.binding.action)
            if binding.show and (other is None or len(binding.key) < len(other.binding.key)):
                actions[binding.action] = active
        ranked = sorted(actions.values(), key=lambda each: each.binding.key != "enter")
        for active in sorted(ranked, key=self._rank):
            binding = active.binding
            display = self.app.get_key_display(binding)
            cap = KeyCap(binding, display, enabled=active.enabled, tooltip=active.tooltip)
            cap.set_class(binding.id == _HELP, "help")
            yield cap

    def _rank(self, active: ActiveBinding) -> int:
        if active.binding.id == _HELP:
            return 3
        if active.node is self.app:
            return 2
        return 0 if active.node is self.screen or active.binding.key == "enter" else 1
