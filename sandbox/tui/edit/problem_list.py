"""Below the text: everything that is wrong or doubtful in it, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.console.neutral import neutralise
from sandbox.scenario.findings import Finding
from sandbox.tui.titles import literal

__all__ = ["ProblemList"]


class ProblemList(OptionList):
    """Out of sight while there is nothing to say."""

    @dataclass
    class Chosen(Message):
        """The reader wants to go there."""

        finding: Finding

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self.found: Sequence[Finding] = ()

    def show(self, found: Sequence[Finding]) -> None:
        """Show these and no others; the cursor stays on its row."""
        if list(found) == list(self.found):
            self.found = found
            return
        before = self.highlighted
        self.found = found
        self.clear_options()
        self.add_options([Option(_row(finding)) for finding in found])
        if found:
            self.highlighted = min(before or 0, len(found) - 1)
        self.display = bool(found)
        self.border_title = literal(told(found))

    def point(self, finding: Finding) -> None:
        """Put the cursor on one of them."""
        self.highlighted = list(self.found).index(finding)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.found[event.option_index]))


def told(found: Sequence[Finding]) -> str:
    """Count them in words."""
    grave = sum(finding.grave for finding in found)
    doubts = len(found) - grave
    parts = [f"{grave} problem{'s' * (grave != 1)}"] if grave else []
    if doubts:
        parts.append(f"{doubts} warning{'s' * (doubts != 1)}")
    return ", ".join(parts)


def _row(finding: Finding) -> Text:
    mark = ("x ", "bold red") if finding.grave else ("! ", "bold yellow")
    place = f"{finding.line}:{finding.column}"
    row = Text.assemble(mark, (f"{place:<6} ", "dim"))
    row.append("F9 " if finding.fix is not None else "   ", "green")
    return row.append(neutralise(str(finding), newlines=False))
