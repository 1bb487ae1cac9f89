"""The keys that work on every page."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

from sandbox.tui.places import MODES

__all__ = ["APP_KEYS"]


def _hidden(keys: str, action: str, name: str, tooltip: str, verb: str) -> Binding:
    return Binding(keys, action, name, show=False, tooltip=tooltip, id=f"app.{verb}")


APP_KEYS: Final[list[Binding]] = [
    *(
        _hidden(str(key), f"mode('{mode}')", mode.title(), f"Go to {mode.title()}", mode)
        for key, mode in enumerate(MODES, 1)
    ),
    Binding("question_mark", "keys", "Keys", tooltip="The keys that work here", id="app.keys"),
    Binding("colon,ctrl+p", "commands", "Commands", tooltip="Commands, themes, runs", id="app.commands"),
    Binding("q,ctrl+q", "leave", "Quit", tooltip="Leave the app", id="app.quit"),
    _hidden("f1", "about", "Help", "What this page and this pane are for", "help"),
    _hidden("ctrl+o", "jump", "Jump", "A key for each pane", "jump"),
    _hidden("z", "zoom", "Zoom", "This pane alone, and back", "zoom"),
    _hidden("plus", "widen(1)", "Wider", "Make this pane wider", "wider"),
    _hidden("underscore", "widen(-1)", "Narrower", "Make this pane narrower", "narrower"),
    _hidden("tab", "focus_next", "Next pane", "To the next pane", "next-pane"),
    _hidden("shift+tab", "focus_previous", "Pane before", "To the pane before", "previous-pane"),
    _hidden("ctrl+left", "travel(-1)", "View back", "To the view before this one", "back"),
    _hidden("ctrl+right", "travel(1)", "View forward", "Forward again", "forward"),
    _hidden("minus", "last_view", "Last view", "To the last view, and back", "last-view"),
]  # fmt: skip
