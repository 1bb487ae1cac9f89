"""The inspector's four panes: side by side where there is room, else one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, TypeAlias

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Static

from sandbox.tui.inspector.mirror import Row
from sandbox.tui.text.paint import text
from sandbox.tui.text.transcript import Transcript
from sandbox.tui.titles import literal

__all__ = ["NAMES", "PaneName", "Panes", "titled"]

PaneName: TypeAlias = Literal["sent", "did", "box", "shell"]
NAMES: Final[tuple[PaneName, ...]] = ("sent", "did", "box", "shell")
"""In the order of the tab key."""


class TurnText(Transcript):
    """A transcript in which ``j`` and ``k`` go from turn to turn; the arrow keys go by lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "screen.turn(1)", "Next turn", show=False, id="inspector.next-there"),
        Binding("k", "screen.turn(-1)", "Turn before", show=False, id="inspector.before-there"),
    ]

    def action_copy(self) -> None:
        """Copy what is chosen, or a link to the turn that is shown."""
        if self.sheet.mark is not None or self.screen.get_selected_text():
            super().action_copy()
        else:
            self.post_message(self.Linked(0))


class Panes(Vertical):
    """Holds the panes and knows which one the reader is in."""

    def __init__(self) -> None:
        super().__init__()
        self.sent, self.did, self.shell = TurnText(), TurnText(), TurnText()
        self._facts = Static(markup=False)
        self.box = VerticalScroll(self._facts, can_focus=True)
        self._tabs = Static(markup=False, classes="tabs")
        self.current: PaneName = "sent"

    def compose(self) -> ComposeResult:
        yield self._tabs
        with Grid():
            yield self.sent
            yield self.did
            yield self.box
            yield self.shell

    def on_mount(self) -> None:
        """Begin with what was sent."""
        self.box.border_title = "Box"
        self.show("sent")

    def show(self, name: PaneName) -> None:
        """Go to a pane."""
        self.current = name
        self._mark()
        self._pane(name).focus()

    def step(self, by: int) -> None:
        """Go to the next pane, or the one before."""
        self.show(NAMES[(NAMES.index(self.current) + by) % len(NAMES)])

    def clear(self) -> None:
        """Empty all panes."""
        for pane in (self.sent, self.did, self.shell):
            pane.clear()
        self._facts.update("")

    def show_box(self, rows: Sequence[Row]) -> None:
        """Show what is known of the box."""
        self._facts.update(Text("\n").join(text(row) for row in rows))

    @property
    def plain(self) -> str:
        """The text of the current pane."""
        pane = self._pane(self.current)
        if isinstance(pane, Transcript):
            heads = (("".join(span.text for span in line.head), line.text) for line in pane.lines)
            return "".join(f"{head:<10} {body}\n" for head, body in heads)
        return f"{self._facts.visual}\n"

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A click went to another pane."""
        for name in NAMES:
            if name != self.current and self._pane(name) in event.widget.ancestors_with_self:
                self.current = name
                self._mark()

    def _pane(self, name: PaneName) -> Transcript | VerticalScroll:
        if name == "box":
            return self.box
        return {"sent": self.sent, "did": self.did, "shell": self.shell}[name]

    def _mark(self) -> None:
        """Show which pane is the current one."""
        for name in NAMES:
            self._pane(name).set_class(name == self.current, "current")
        tabs = Text(" ")
        for name, title in zip(NAMES, ("Sent", "Did", "Box", "Shell"), strict=True):
            tabs.append(f" {title} ", "bold reverse" if name == self.current else "dim").append(" ")
        self._tabs.update(tabs.append("  tab changes", "dim"))


def titled(pane: Transcript, title: str, subtitle: str = "") -> None:
    """Write above and below a pane; the text is made neutral, and none of it is markup."""
    pane.border_title = literal(title)
    pane.border_subtitle = literal(subtitle)
