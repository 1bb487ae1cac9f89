"""The view itself: a window on the rows of a layout, a cursor on one of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.events import Click, MouseScrollUp, Resize
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollTo
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from sandbox.console.lines import Line
from sandbox.tui.text.find import Find
from sandbox.tui.text.layout import Layout
from sandbox.tui.text.paint import strips
from sandbox.tui.text.recent import Recent
from sandbox.tui.text.sweeps import Sweeps

__all__ = ["Sheet"]

_COPIED: Final = 5_000
"""Rows that one selection copies: each has to be drawn for it."""


class Sheet(ScrollView, can_focus=True, inherit_bindings=False):
    """Follows the end until its reader looks back.

    Only what the reader does unpins the view: new lines, a resize or a new layout never move it.
    What is in the window, and a page before it, is laid out exactly before it is drawn; the line at
    the top of the window stays there while heights elsewhere turn out to be others.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sheet--cursor", "sheet--range"}

    following: reactive[bool] = reactive(default=True, layout=False)
    unread: reactive[int] = reactive(0, layout=False)
    cursor: reactive[int | None] = reactive(None, layout=False)
    """The number of the line that the reader points at."""
    mark: reactive[int | None] = reactive(None, layout=False)
    """Where the reader began to choose a range of lines; the cursor is its other end."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Layout()
        self.search: Find | None = None
        self._anchor = (0, 0)
        """The line at the top of the window, and which of its rows; of no use while following."""
        self._window: list[tuple[int, int]] = []
        self._settling = False
        self._bar: tuple[int, int, int] | None = None
        self.sweeps = Sweeps(self)
        self._drawn: Recent[int, list[Strip]] = Recent(256)

    # lines -------------------------------------------------------------------------------------

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end."""
        new = self.told.append(lines)
        if not self.following:
            self.unread += new
        self.settle()

    def prepend(self, lines: Sequence[Line]) -> None:
        """Add earlier lines before the first; what is in the window stays."""
        self.told.prepend(lines)
        self.settle()

    def truncate(self, seq: int) -> None:
        """Forget the lines of events after ``seq``."""
        self.told.truncate(seq)
        self._drawn.clear()
        last = self.told.last
        if self.cursor is not None and (last is None or self.cursor > last):
            self.cursor = last
        if last is None or (self.mark is not None and self.mark > last):
            self.mark = None
        if last is not None and self._anchor[0] > last:
            self._anchor = (last, 0)
        self.settle()

    def clear(self) -> None:
        """Forget all lines."""
        self.told.clear()
        self._drawn.clear()
        self.cursor = self.mark = None
        self._anchor = (0, 0)
        self.unread = 0
        self.settle()

    def follow(self, *, on: bool) -> None:
        """Stay at the end from now on, or stay where the reader is."""
        self.following = on
        if on:
            self.unread = 0
            self.settle()

    def repaint(self) -> None:
        """Draw anew what is seen."""
        self._drawn.clear()
        self.settle()

    def sweep(self, slices: Iterator[None], name: str = "estimate") -> None:
        """Do what changes the rows of all lines, and draw what is seen anew after each slice."""
        self.sweeps.start(name, self._each_drawn(slices))

    def _each_drawn(self, slices: Iterator[None]) -> Iterator[None]:
        for _ in slices:
            self.repaint()
            yield
        self.repaint()

    # the window --------------------------------------------------------------------------------

    def settle(self) -> None:
        """Lay out what is seen exactly, and bring the scroll bar in line with it."""
        told, height = self.told, self.scrollable_content_region.height
        if not told.width or not height:
            return
        if self.cursor is not None:
            self.cursor = told.nearest(self.cursor)
        if told.last is None:
            self._window = []
            number, row = 0, 0
        elif self.following:
            number, row = self._bottom(height)
        else:
            number, row = self._top(height)
        self._anchor = (number, row)
        self._settling = True
        try:
            self._span(told.rows)
            if told.last is not None:
                self._measure_back(number, height)
                self._span(told.rows)
                self._window = self._rows(number, row, height)
                at = told.top(number) + row
                # Not by `scroll_to`: that stops the animation of which this may be a step.
                self.scroll_target_y = self.scroll_y = at
        finally:
            self._settling = False
        self._move_bar()
        self.refresh()

    def _span(self, rows: int) -> None:
        """Say how many rows there are, without Textual's own way, which lays the whole page out anew."""
        size = Size(0, rows)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._refresh_scrollbars()
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _move_bar(self) -> None:
        """Tell the scroll bar where the window is; it is drawn, at a third of the text's cost, if it moves."""
        if not self.show_vertical_scrollbar:
            return
        bar, rows, at = self.vertical_scrollbar, self.virtual_size.height, self.scroll_y
        height = self.container_size.height
        bar.set_reactive(ScrollBar.window_virtual_size, rows)
        bar.set_reactive(ScrollBar.window_size, height)
        bar.set_reactive(ScrollBar.position, at)
        thumb = max(1.0, height * height / max(rows, height, 1))
        before = (height - thumb) * at / max(rows - height, 1)
        eighths = (height, int(8 * before), ceil(8 * thumb))  # it ends in an eighth of a cell
        if eighths != self._bar:
            self._bar = eighths
            bar.refresh()

    def bring(self, number: int, row: int) -> None:
        """Put a line at a row of the window, or as near as there are lines."""
        anchor = number
        told = self.told
        room = row
        while room > 0 and (before := told.before(anchor)) is not None:
            anchor = before
            room -= told.height(anchor)
        self._anchor = (anchor, max(0, -room))
        self.following = False
        self.settle()

    def reveal(self, number: int) -> None:
        """Move the window as little as shows the line, if it has room for it."""
        told, height = self.told, self.scrollable_content_region.height
        seen = [line for line, _ in self._window]
        tall = told.height(number)
        if number in seen and (seen.count(number) == tall or tall >= height):
            self.refresh()
        elif seen and number >= seen[-1]:
            self.bring(number, max(0, height - tall))
        else:
            self.bring(number, 0)

    def line_at(self, y: int) -> int | None:
        """Return the line at a row of the window."""
        return self._window[y][0] if 0 <= y < len(self._window) else None

    def go(self, number: int) -> None:
        """Point at a line, and bring it into view."""
        self.cursor = number
        self.bring(number, self.size.height // 3)

    def step(self, way: int) -> None:
        """Point at the next line or the one before; if none in sight is pointed at, at the nearest."""
        if way < 0:
            self.look_back()
        if self.seen is None:
            return
        cursor = self.cursor
        if cursor is None or not self.seen[0] <= cursor <= self.seen[1]:
            self.cursor = self.seen[0 if way > 0 else 1]
            return
        hidden = [row for line, row in self._window if line == cursor]
        beyond = hidden[0] if way < 0 else self.told.height(cursor) - 1 - hidden[-1]
        if beyond:  # a line taller than the window is read row by row
            self.scroll_relative(y=way, animate=False, immediate=True)
            return
        neighbour = self.told.before(cursor) if way < 0 else self.told.after(cursor)
        if neighbour is not None:
            self.cursor = neighbour
            self.reveal(neighbour)
        if way > 0 and self.cursor == self.told.last:
            self.follow(on=True)

    def page(self, way: int) -> None:
        """Go a page up or down; the cursor comes along."""
        if way < 0:
            self.look_back()
        step = max(self.size.height - 1, 1)
        self.scroll_relative(y=way * step, animate=False, immediate=True)
        if self.seen is not None:
            self.cursor = self.seen[0 if way < 0 else 1]

    @property
    def here(self) -> int | None:
        """The cursor, or else the first line of the window; None without lines."""
        if self.cursor is not None or self.seen is None:
            return self.cursor
        return self.seen[0]

    @property
    def seen(self) -> tuple[int, int] | None:
        """The first and the last line of the window."""
        return (self._window[0][0], self._window[-1][0]) if self._window else None

    def _bottom(self, height: int) -> tuple[int, int]:
        """The top of the window whose last row is the last of all."""
        told = self.told
        number = told.last
        assert number is not None
        room = height - told.height(number)
        while room > 0 and (before := told.before(number)) is not None:
            number = before
            room -= told.height(number)
        return number, max(0, -room)

    def _top(self, height: int) -> tuple[int, int]:
        """Where the window begins; higher than the anchor where it would end below the last row."""
        told = self.told
        number = told.nearest(max(self._anchor[0], told.store.first << 10))
        assert number is not None
        tall = told.height(number)
        row = min(self._anchor[1], tall - 1) if number == self._anchor[0] else 0
        room, after = height - (tall - row), told.after(number)
        while room > 0 and after is not None:
            room -= told.height(after)
            after = told.after(after)
        return self._bottom(height) if room > 0 else (number, row)

    def _measure_back(self, number: int, height: int) -> None:
        before = self.told.before(number)
        while height > 0 and before is not None:
            height -= self.told.height(before)
            before = self.told.before(before)

    def _rows(self, number: int, row: int, height: int) -> list[tuple[int, int]]:
        told = self.told
        rows: list[tuple[int, int]] = []
        line: int | None = number
        while line is not None and len(rows) < height:
            rows += [(line, each) for each in range(row, told.height(line))]
            row, line = 0, told.after(line)
        return rows[:height]

    @on(Resize)
    def _fit(self) -> None:
        width = self.scrollable_content_region.width
        if width != self.told.width:
            self.told.resize(width)
            self._drawn.clear()
            self.settle()
            self.sweep(self.told.estimate())
        else:
            self.settle()

    # what the reader does ----------------------------------------------------------------------

    def look_back(self) -> None:
        """Stay here, if there is anything to be looked back at."""
        if self.max_scroll_y:
            self.following = False

    @on(MouseScrollUp)
    def _wheel(self) -> None:
        self.look_back()

    @on(ScrollTo)
    def _grabbed(self, event: ScrollTo) -> None:
        if event.y is not None and event.y < self.max_scroll_y:
            self.look_back()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self._settling:
            return
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value >= self.max_scroll_y:
            self.following = True  # the end is in sight again
            self.unread = 0
        elif (found := self.told.at(round(new_value))) is not None:
            self._anchor = found
        self.settle()

    @on(Click)
    def _point(self, event: Click) -> None:
        number = self.line_at(event.y)
        if number is not None:
            self.cursor = number

    def watch_cursor(self) -> None:
        self.refresh()

    # drawing -----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn.clear()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.visual_style.rich_style
        if y >= len(self._window):
            return Strip.blank(width, base)
        number, inner = self._window[y]
        strip = self._strips(number)[inner].crop_extend(0, width, base)
        if number == self.cursor:
            strip = _pointed(_tinted(strip, self.get_component_rich_style("sheet--cursor")))
        elif self._chosen(number):
            strip = _tinted(strip, self.get_component_rich_style("sheet--range"))
        row = self.scroll_offset.y + y
        if (chosen := self.text_selection) and (span := chosen.get_span(row)) is not None:
            start, end = span[0], width if span[1] == -1 else span[1]
            look = self.screen.get_component_rich_style("screen--selection")
            parts = strip.divide([start, end, width])
            strip = Strip.join([parts[0], parts[1].apply_style(look), *parts[2:]])
        return strip.apply_offsets(0, row)

    def _chosen(self, number: int) -> bool:
        if self.mark is None or self.cursor is None:
            return False
        return min(self.mark, self.cursor) <= number <= max(self.mark, self.cursor)

    def _strips(self, number: int) -> list[Strip]:
        drawn = self._drawn.get(number)
        if drawn is None:
            line, laid = self.told.laid(number)
            needle = "" if self.search is None else self.search.needle
            drawn = strips(line, laid, self.told.width, self.visual_style.rich_style, needle)
            self._drawn[number] = drawn
        return drawn

    def selection_updated(
        self,
        selection: Selection | None,  # noqa: ARG002  # Textual's signature
    ) -> None:
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        rows: list[str] = []
        first = selection.start.y if selection.start else 0
        place = self.told.at(first)
        while place is not None and len(rows) < _COPIED:
            number, inner = place
            for strip in self._strips(number)[inner:]:
                span = selection.get_span(first + len(rows))
                if span is None or len(rows) == _COPIED:
                    return "\n".join(rows), "\n"
                end = self.told.width if span[1] == -1 else span[1]
                rows.append(strip.crop(span[0], end).text.rstrip())
            after = self.told.after(number)
            place = None if after is None else (after, 0)
        return "\n".join(rows), "\n"


def _tinted(strip: Strip, look: Style) -> Strip:
    """Change the background, and nothing of what stands on it."""
    return Strip(Segment.apply_style(strip, post_style=Style(bgcolor=look.bgcolor)))


def _pointed(strip: Strip) -> Strip:
    """Put a sign in the first cell, if it is free: the cursor is to be seen without colours."""
    first = next(iter(strip), None)
    if first is None or not first.text.startswith(" "):
        return strip
    _blank, rest = strip.divide([1, strip.cell_length])
    return Strip.join([Strip([Segment(">", first.style)], 1), rest])
