"""The checks as the card shows them: what is well in few words, what is not with its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from sandbox.console.fields import clause
from sandbox.tui.launch.checks import Check

__all__ = ["check_rows"]

_MARKS: Final = {
    "ok": ("ok ", "green"),
    "warning": ("!  ", "bold yellow"),
    "bad": ("x  ", "bold red"),
    None: ("…  ", "dim"),
}


def check_rows(checks: Sequence[Check], warnings: int) -> Text:
    """One row for each check, and one more where something is to be done."""
    text = Text()
    text.append("checks    ", "dim")
    text.append(*_MARKS["ok"])
    text.append("schema")
    if warnings:
        text.append(f", {warnings} warning{'s' * (warnings != 1)}", "yellow")
    for check in checks:
        state = None if check.found is None else check.found.state
        text.append("\n          ")
        text.append(*_MARKS[state])
        text.append(f"{check.name:<6} " if not check.subject else f"{clause(check.subject)} ")
        if check.found is None:
            continue
        text.append(clause(check.found.what), "dim" if state == "ok" else "")
        if check.found.remedy:
            text.append(f"\n             {clause(check.found.remedy)}", "cyan")
        if check.still:
            text.append(f"\n             {check.still}", "dim")
    return text
