"""The text of a run as it is played: a view over told lines, of which only what is seen is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.events import MouseScrollUp, Resize
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.selection import Selection
from textual.strip import Strip

from sandbox.console.lines import Line
from sandbox.tui.paint import height, strips

__all__ = ["MAX_LINES", "Transcript"]

MAX_LINES: Final = 5_000
"""Lines that can be scrolled back to; laying them out anew takes 0.3 s. The record has all of them."""
_BLOCK: Final = MAX_LINES // 10
"""Lines forgotten at once, so that forgetting stays cheap per line."""
_COPIED: Final = 5_000
"""Rows that one selection copies: each has to be drawn for it."""


class Transcript(ScrollView, can_focus=True):
    """Appends at the end, and follows it until its reader looks back.

    Only what the reader does unpins the view: new lines, a resize or a new layout never move it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, id="text.up"),
        Binding("down,j", "scroll_down", "Down", show=False, id="text.down"),
        Binding("pageup,ctrl+u", "page_up", "Page up", show=False, id="text.page-up"),
        Binding("pagedown,ctrl+d", "page_down", "Page down", show=False, id="text.page-down"),
        Binding("home,g", "scroll_home", "To the beginning", show=False, id="text.home"),
        Binding("end,G", "scroll_end", "To the end, and follow it", show=False, id="text.end"),
    ]

    following: reactive[bool] = reactive(default=True, layout=False)
    unread: reactive[int] = reactive(0, layout=False)
    """Lines that came while the reader looked back."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._tops = [0]
        """The row at which each line begins, and where the last one ends."""
        self._forgotten = 0
        self._width = 0
        self._drawn: LRUCache[int, list[Strip]] = LRUCache(512)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What can be scrolled through, the oldest first."""
        return tuple(self._lines)

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end."""
        before = len(self._lines)
        self._lines.extend(lines)
        if self._width:
            self._extend_tops(before)
        if not self.following:
            self.unread += len(self._lines) - before
        self._forget()
        self._show()

    def follow(self, *, on: bool) -> None:
        """Stay at the end from now on, or stay where the reader is."""
        self.following = on
        if on:
            self.unread = 0
            self._show()

    def _extend_tops(self, first: int) -> None:
        for line in self._lines[first:]:
            self._tops.append(self._tops[-1] + height(line, self._width))

    def _forget(self) -> None:
        if len(self._lines) <= MAX_LINES + _BLOCK:
            return
        gone = len(self._lines) - MAX_LINES
        del self._lines[:gone]
        self._forgotten += gone
        if self._width:
            rows = self._tops[gone]
            self._tops = [top - rows for top in self._tops[gone:]]
            if not self.following:
                self.scroll_to(y=max(0, self.scroll_offset.y - rows), animate=False)

    def _show(self) -> None:
        self.virtual_size = Size(0, self._tops[-1])
        if self.following:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    # what moves the view -----------------------------------------------------------------------

    @on(Resize)
    def _fit(self) -> None:
        """Lay the lines out anew for another width; the one at the top stays there."""
        width = self.scrollable_content_region.width
        if width == self._width:
            self._show()
            return
        top = max(0, bisect_right(self._tops, self.scroll_offset.y) - 1)
        self._width = width
        self._drawn.clear()
        self._tops = [0]
        self._extend_tops(0)
        self._show()
        if not self.following:
            self.scroll_to(y=self._tops[min(top, len(self._tops) - 1)], animate=False)

    def action_scroll_up(self) -> None:
        self._look_back()
        super().action_scroll_up()

    def action_page_up(self) -> None:
        self._look_back()
        super().action_page_up()

    def action_scroll_home(self) -> None:
        self._look_back()
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        self.follow(on=True)

    @on(MouseScrollUp)
    def _look_back(self) -> None:
        if self.max_scroll_y:
            self.follow(on=False)

    @on(ScrollTo)
    def _grabbed(self, event: ScrollTo) -> None:
        if event.y is not None and event.y < self.max_scroll_y:
            self.follow(on=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value >= self.max_scroll_y:
            # The end is in sight again. Nothing is scrolled here: this may be amid a scrolling.
            self.following = True
            self.unread = 0

    # drawing -----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn.clear()

    def render_line(self, y: int) -> Strip:
        row, width = self.scroll_offset.y + y, self.size.width
        if row >= self._tops[-1]:
            return Strip.blank(width, self.rich_style)
        strip = self._row(row).crop_extend(0, width, self.rich_style)
        if (chosen := self.text_selection) and (span := chosen.get_span(row)) is not None:
            start, end = span[0], width if span[1] == -1 else span[1]
            look = self.screen.get_component_rich_style("screen--selection")
            parts = strip.divide([start, end, width])
            strip = Strip.join([parts[0], parts[1].apply_style(look), *parts[2:]])
        return strip.apply_offsets(0, row)

    def _row(self, row: int) -> Strip:
        number = bisect_right(self._tops, row) - 1
        key = self._forgotten + number
        drawn = self._drawn.get(key)
        if drawn is None:
            base = self.rich_style
            drawn = [s.apply_style(base) for s in strips(self._lines[number], self._width)]
            self._drawn[key] = drawn
        return drawn[row - self._tops[number]]

    def selection_updated(
        self,
        selection: Selection | None,  # noqa: ARG002  # Textual's signature
    ) -> None:
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        rows: list[str] = []
        for row in range(selection.start.y if selection.start else 0, self._tops[-1]):
            span = selection.get_span(row)
            if span is None or len(rows) == _COPIED:
                break
            end = self._width if span[1] == -1 else span[1]
            rows.append(self._row(row).crop(span[0], end).text.rstrip())
        return "\n".join(rows), "\n"
