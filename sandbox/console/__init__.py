"""What people see of a run in a terminal or a pipe: told in lines, with all agent text neutral."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.console.difference import around, difference_lines
    from sandbox.console.keys import Keys, NoKeys, TerminalKeys
    from sandbox.console.lines import Line, Span, fold, shorten
    from sandbox.console.narrator import Narrator
    from sandbox.console.neutral import UNSAFE, neutralise
    from sandbox.console.pipe import JsonPrinter, PlainPrinter
    from sandbox.console.printer import Printer, printer_for
    from sandbox.console.replay_player import ReplayPlayer
    from sandbox.console.screen import TerminalPrinter
    from sandbox.console.status import Status, duration
    from sandbox.console.styles import STYLES, agent_style

__all__ = [
    "STYLES",
    "UNSAFE",
    "JsonPrinter",
    "Keys",
    "Line",
    "Narrator",
    "NoKeys",
    "PlainPrinter",
    "Printer",
    "ReplayPlayer",
    "Span",
    "Status",
    "TerminalKeys",
    "TerminalPrinter",
    "agent_style",
    "around",
    "difference_lines",
    "duration",
    "fold",
    "neutralise",
    "printer_for",
    "shorten",
]

_HOMES = {
    "STYLES": "styles",
    "UNSAFE": "neutral",
    "JsonPrinter": "pipe",
    "Keys": "keys",
    "Line": "lines",
    "Narrator": "narrator",
    "NoKeys": "keys",
    "PlainPrinter": "pipe",
    "Printer": "printer",
    "ReplayPlayer": "replay_player",
    "Span": "lines",
    "Status": "status",
    "TerminalKeys": "keys",
    "TerminalPrinter": "screen",
    "agent_style": "styles",
    "around": "difference",
    "difference_lines": "difference",
    "duration": "status",
    "fold": "lines",
    "neutralise": "neutral",
    "printer_for": "printer",
    "shorten": "lines",
}


def __getattr__(name: str) -> object:
    # Lazy: a command that prints nothing of a run does not load the narrator.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
