"""The last row of every page: at most nine keys that work now, enter first, help always."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from sandbox.tui.too_small import LEAST_WIDTH

__all__ = ["KeyCap", "KeyRow"]

_MOST: Final = 9
_F1: Final = "app.help"


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
    """Shows the keys of the page, then of the pane in focus, then of the app.

    Args:
        named: gives a key of the page its name for now.
    """

    def __init__(self, named: Callable[[Binding], Binding]) -> None:
        super().__init__()
        self._named = named

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
        caps, help_caps = self._caps()
        room = (self.size.width or LEAST_WIDTH) - sum(cap.cells for cap in help_caps)
        for cap in caps[: _MOST - 1]:
            room -= cap.cells
            if room < 0:
                break
            yield cap
        yield from help_caps

    def _caps(self) -> tuple[list[KeyCap], list[KeyCap]]:
        """One cap for each action, the most important first; and the one for help, where there is help."""
        actions: dict[str, ActiveBinding] = {}
        active = [each for each in self.screen.active_bindings.values() if not self._typed(each)]
        for each in active:
            binding, other = each.binding, actions.get(each.binding.action)
            if binding.show and (other is None or len(binding.key) < len(other.binding.key)):
                actions[binding.action] = each
        # Where keys are text, as in an editor, a question mark is; F1 is help there.
        helping = [actions.pop("keys", None), *(each for each in active if each.binding.id == _F1)]
        ranked = sorted(actions.values(), key=self._rank)
        last = [self._cap(each) for each in helping if each is not None][:1]
        for cap in last:
            cap.add_class("help")
        return [self._cap(each) for each in ranked], last

    def _typed(self, active: ActiveBinding) -> bool:
        """Whether the key is a letter for who has the focus; of keys with a name the library does not know it."""
        focused, display = self.screen.focused, self.app.get_key_display(active.binding)
        return (
            active.node is not focused
            and focused is not None
            and len(display) == 1
            and focused.check_consume_key(active.binding.key, display)
        )

    def _cap(self, active: ActiveBinding) -> KeyCap:
        binding = active.binding
        if active.node is self.screen:
            binding = self._named(binding)
        display = self.app.get_key_display(binding)
        return KeyCap(binding, display, enabled=active.enabled, tooltip=active.tooltip)

    def _rank(self, active: ActiveBinding) -> tuple[int, int]:
        """The page's keys in the order it lists them, enter first; then the focused pane's, then the app's."""
        key = active.binding.key
        own = [*self.screen._bindings.key_to_bindings]  # noqa: SLF001  # their order, nowhere else
        if active.node is self.app:
            return 2, 0
        if key == "enter":
            return 0, -1
        return (0, own.index(key)) if active.node is self.screen and key in own else (1, 0)
