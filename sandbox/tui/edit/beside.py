"""What stands beside the text: the preview or a difference, and help for the key under the cursor."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from sandbox.console.neutral import neutralise
from sandbox.tui.edit.preview import preview
from sandbox.tui.titles import literal

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario
    from sandbox.tui.edit.key_help import KeyHelp

__all__ = ["Beside"]

_MOST = 400
"""Lines of a difference that are shown."""


class Beside(Vertical):
    """Where it is narrow it lies over the text, and only when it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._upper = VerticalScroll(classes="upper", can_focus=True)
        self._drawn = Static(markup=False)
        self._help = Static(markup=False, classes="help")
        self._scenario: Scenario | None = None
        self._explained: KeyHelp | None = None
        self._differing = False

    def compose(self) -> ComposeResult:
        with self._upper:
            yield self._drawn
        yield self._help

    def on_mount(self) -> None:
        """Begin with an empty preview."""
        self._help.border_title = "Help"
        self.preview(None)

    def toggle(self) -> None:
        """Show it, or take it away."""
        self.toggle_class("turned")

    def preview(self, scenario: Scenario | None) -> None:
        """Show who hears whom; None leaves the last that was right, and dims it."""
        if (
            scenario is not None
            and scenario == self._scenario
            and not self._upper.has_class("stale")
        ):
            return  # drawn already: a new drawing is a new layout of the page
        self._scenario = scenario or self._scenario
        if self._differing:
            return
        stale = scenario is None and self._scenario is not None
        self._upper.set_class(stale, "stale")
        self._upper.border_title = "As it was when it was right" if stale else "As it will run"
        if self._scenario is None:
            self._drawn.update(Text("Nothing can be drawn before the file was right once."))
        else:
            self._drawn.update(preview(self._scenario))

    def explain(self, found: KeyHelp | None) -> None:
        """Say what the key under the cursor is for."""
        if found is None or found == self._explained:
            return
        self._explained = found
        self._help.border_title = literal(found.path)
        self._help.update(
            Text.assemble((neutralise(found.takes), "bold"), "\n", neutralise(found.about))
        )

    def difference(self, there: str, here: str) -> None:
        """Show what differs between the file and the text, in the place of the preview."""
        lines = difflib.unified_diff(there.splitlines(), here.splitlines(), lineterm="", n=2)
        looks = {"+": "green", "-": "red", "@": "dim"}
        text = Text(no_wrap=True, overflow="ellipsis")
        for number, line in enumerate(lines):
            if number == _MOST:
                text.append("…")
                break
            if number > 1:
                text.append(neutralise(line, newlines=False) + "\n", looks.get(line[:1], ""))
        self._differing = True
        self.add_class("needed")
        self._upper.remove_class("stale")
        self._upper.border_title = "- on disk   + here   esc: back"
        self._drawn.update(text)
        self._upper.focus()

    def refuse(self, why: str) -> None:
        """Say why there is no text to edit."""
        self._differing = True
        self.add_class("needed")
        self._upper.border_title = "This file cannot be edited"
        self._drawn.update(Text(neutralise(why)))

    def reset(self) -> bool:
        """From a difference back to the preview; False if that is what is shown."""
        if not self._differing:
            return False
        self._differing = False
        self.remove_class("needed")
        self._upper.add_class("stale")  # whatever was drawn last, it was no preview
        self.preview(self._scenario)
        return True
