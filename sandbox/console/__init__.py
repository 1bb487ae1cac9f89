"""What people see of a run in a terminal or a pipe: told in lines, with all agent text neutral."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.console.lines import Line, Span, fold, shorten
    from sandbox.console.narrator import Narrator
    from sandbox.console.neutral import UNSAFE, neutralise
    from sandbox.console.printer import (
        Form,
        JsonPrinter,
        PlainPrinter,
        Printer,
        TerminalPrinter,
        open_printer,
    )
    from sandbox.console.status import Status, duration
    from sandbox.console.styles import STYLES, agent_style

__all__ = [
    "STYLES",
    "UNSAFE",
    "Form",
    "JsonPrinter",
    "Line",
    "Narrator",
    "PlainPrinter",
    "Printer",
    "Span",
    "Status",
    "TerminalPrinter",
    "agent_style",
    "duration",
    "fold",
    "neutralise",
    "open_printer",
    "shorten",
]

_HOMES = {
    "STYLES": "styles",
    "UNSAFE": "neutral",
    "Form": "printer",
    "JsonPrinter": "printer",
    "Line": "lines",
    "Narrator": "narrator",
    "PlainPrinter": "printer",
    "Printer": "printer",
    "Span": "lines",
    "Status": "status",
    "TerminalPrinter": "printer",
    "agent_style": "styles",
    "duration": "status",
    "fold": "lines",
    "neutralise": "neutral",
    "open_printer": "printer",
    "shorten": "lines",
}


def __getattr__(name: str) -> object:
    # Lazy: a command that prints nothing of a run does not load the narrator.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
