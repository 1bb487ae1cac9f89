"""The keys of a transcript."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

__all__ = ["KEYS"]


def _hidden(keys: str, action: str, name: str, tooltip: str, verb: str) -> Binding:
    return Binding(keys, action, name, show=False, tooltip=tooltip, id=f"text.{verb}")


KEYS: Final[list[BindingType]] = [
    Binding("slash", "find", "Find", tooltip="Find words", id="text.find"),
    Binding("f", "filter", "Filter", tooltip="Show only some lines", id="text.filter"),
    _hidden("up,k", "up", "Up", "To the line before", "up"),
    _hidden("down,j", "down", "Down", "To the next line", "down"),
    _hidden("pageup,ctrl+u", "page(-1)", "Page up", "A page up", "page-up"),
    _hidden("pagedown,ctrl+d", "page(1)", "Page down", "A page down", "page-down"),
    _hidden("home,g", "home", "First", "To the first line", "home"),
    _hidden("end,G", "end", "Last", "To the end, and follow it", "end"),
    _hidden("enter,o", "fold", "Unfold", "Unfold this text, or fold it", "fold"),
    _hidden("O", "fold_all", "Unfold all", "Unfold all texts, or fold all", "fold-all"),
    _hidden("n", "next(1)", "Next hit", "To the next line found", "next"),
    _hidden("N", "next(-1)", "Hit before", "To the line found before", "previous"),
    _hidden("F", "unfilter", "Show all", "Show all lines again", "unfilter"),
    _hidden("v", "range", "Range", "Choose a range of lines", "range"),
    _hidden("y", "copy", "Copy", "Copy what is chosen, or a link to this", "copy"),
    _hidden("Y", "copy_text", "Copy text", "Copy the text of this line", "copy-text"),
    _hidden("escape", "calm", "Leave it", "End the range, or the search", "calm"),
]
"""``escape`` is the page's where there is nothing to be ended in the transcript."""
