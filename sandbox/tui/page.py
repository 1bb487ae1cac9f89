"""What the app's pages share: heading, footer, flash line, help, and a least size."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from sandbox.tui.flash import Flash
from sandbox.tui.footer import KeyRow
from sandbox.tui.heading import Heading, ModeKey, Tone
from sandbox.tui.panes import alone, restore, together, widen
from sandbox.tui.places import ModeName, Place
from sandbox.tui.too_small import TooSmall

if TYPE_CHECKING:
    from sandbox.tui.app import BackroomsApp
    from sandbox.tui.desk import Desk

__all__ = ["Page"]


class Page(Screen[None]):
    """A screen with a heading above its body and its keys below.

    Args:
        desk: what all pages share.
        place: what is to be shown; None for a mode's first page.
    """

    MODE: ClassVar[ModeName] = "launch"
    """Which of the six modes is marked in the heading."""
    ABOUT: ClassVar[str] = ""
    """What help says of the page, before its keys."""

    def __init__(self, desk: Desk, place: Place | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.place = place
        self.opened_from = ""
        """The mode that was seen when the app opened this page."""
        self.heading = Heading(self.MODE)
        self._flash = Flash()
        self._hidden: list[Widget] = []
        """What stands aside while one pane is zoomed."""

    def compose(self) -> ComposeResult:
        yield self.heading
        yield from self.body()
        yield self._flash
        yield KeyRow(self.named)
        yield TooSmall()

    @abstractmethod
    def body(self) -> ComposeResult:
        """Make what stands between heading and footer."""

    @property
    def here(self) -> Place:
        """The place that opens this page as it is now, for the history and for links."""
        return self.MODE if self.place is None else self.place

    @property
    def stays(self) -> bool:
        """Whether the page lives on while others cover or replace it, to be gone back to."""
        return False

    @property
    def unsaved(self) -> str:
        """The name of what would be lost with this page; empty if nothing would."""
        return ""

    def ask_to_quit(self) -> None:
        """Ask here what is to become of what is unsaved, and then leave the app."""

    def leave_draft(self) -> None:
        """Keep what is unsaved for the next time."""

    @property
    def calls(self) -> bool:
        """Whether somebody waits for the reader here: the key of the mode leads here then."""
        return False

    def arrive(self, place: Place) -> bool:
        """Go to a place that this open page can show itself; False opens another page for it."""
        return place == self.place

    def passing(self) -> None:
        """The reader came here by the mode, perhaps on the way to another: its keys have to go on working."""

    def named(self, binding: Binding) -> Binding:
        """Name a key of the page for what it does now."""
        return binding

    def go(self, place: Place) -> None:
        """Open any place of the app, once what is under way here is done."""
        self._backrooms.call_later(self._backrooms.go, place)

    def back(self) -> None:
        """Close this page, if it was opened over another, and go back to where it was opened from."""
        self._backrooms.call_later(self._backrooms.close, self)

    def is_at(self, work: str) -> bool:
        """Whether a worker of this page with that name is running; the app has those of all pages."""
        return any(w.node is self and w.name == work and w.is_running for w in self.workers)

    def flash(self, text: str, tone: Tone = "calm") -> None:
        """Show small news on the last row for a moment."""
        self._flash.say(text, tone)

    @property
    def panes(self) -> list[Widget]:
        """What takes the focus here, in the order of the tab key."""
        return [each for each in self.focus_chain if each.region.area]

    def zoom(self) -> None:
        """Show the pane in focus alone, or all panes again."""
        if self._hidden:
            together(self._hidden)
            self._hidden.clear()
        elif self.focused is not None:
            self._hidden = alone(self.focused)

    def widen(self, way: int) -> None:
        """Make the pane in focus wider or narrower; its width is remembered."""
        if not widen(self.focused, way, self.desk.settings):
            self.flash("This pane has nothing to give or to take here.")

    def on_screen_resume(self) -> None:
        """Note where the reader is, and give the panes the widths they were given before."""
        self._backrooms.trail.visit(self.here)
        self.call_after_refresh(restore, self, self.desk.settings)

    @on(ModeKey.Chosen)
    def _change_mode(self, event: ModeKey.Chosen) -> None:
        self.go(event.mode)

    @property
    def _backrooms(self) -> BackroomsApp:
        app: BackroomsApp = self.app  # type: ignore[assignment]  # no page stands in another app
        return app
