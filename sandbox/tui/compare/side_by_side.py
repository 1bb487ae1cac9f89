"""Two runs, turn beside turn: laid out where they are looked at, however long they are."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, Final, Literal, TypeAlias

from rich.segment import Segment
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sandbox.console.lines import Line, Span
from sandbox.errors import Damaged
from sandbox.tui.compare.pairing import Pair, Part
from sandbox.tui.replay.telling import Telling
from sandbox.tui.room.row import row
from sandbox.tui.text.lay import lay
from sandbox.tui.text.paint import strips
from sandbox.tui.text.recent import Recent

__all__ = ["SideBySide", "View"]

View: TypeAlias = Literal["both", "a", "b"]

_GUESS: Final = 4
"""Rows of a turn that was not laid out yet."""
_KEPT: Final = 200
_HATCH: Final = "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}"
_MOST: Final = 2000
"""Events of one turn that are told: more is a run that went wrong, and Replay shows all of it."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """A pair as rows of cells."""

    rows: tuple[Strip, ...]


class SideBySide(ScrollView, can_focus=True):
    """A cursor goes from turn to turn; both sides scroll together."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"side-by-side--cursor", "side-by-side--missing"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Turn above", show=False, id="sides.up"),
        Binding("down,j", "move(1)", "Turn below", show=False, id="sides.down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="sides.page-up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="sides.page-down"),
        Binding("home,g", "edge(0)", "First turn", show=False, id="sides.first"),
        Binding("end,G", "edge(-1)", "Last turn", show=False, id="sides.last"),
        Binding("enter", "open", "Open the turn", show=False, id="sides.open"),
    ]

    @dataclass
    class Opened(Message):
        """The reader wants this turn in Replay; of the first run, or the second."""

        part: Part
        side: int

    @dataclass
    class Pushed(Message):
        """While the sides are not locked: move one of them by a turn."""

        by: int

    def __init__(self) -> None:
        super().__init__()
        self.view: View = "both"
        self.locked = True
        self._tellings: tuple[Telling, Telling] | None = None
        self._pairs: Sequence[Pair] = ()
        self._split = -1
        self._cursor = 0
        self._heights = array("L")
        self._tops = [0]
        self._known = bytearray()
        self._laid: Recent[int, _Laid] = Recent(_KEPT)

    @property
    def cursor(self) -> int:
        """The pair that the cursor is on."""
        return self._cursor

    @property
    def pair(self) -> Pair | None:
        """The same, itself."""
        return self._pairs[self._cursor] if self._pairs else None

    def show(
        self, pairs: Sequence[Pair], tellings: tuple[Telling, Telling], *, split: int, at: int
    ) -> None:
        """Show these pairs, with the cursor on one, and a mark where the runs part (-1: nowhere)."""
        self._pairs, self._tellings, self._split = pairs, tellings, split
        self._cursor = max(0, min(at, len(pairs) - 1))
        self._lay_out_anew()

    def look(self, view: View) -> None:
        """Show both sides, or one of them over the whole width."""
        self.view = view
        self._lay_out_anew()

    def point(self, at: int) -> None:
        """Put the cursor on a pair, and bring it into view with what leads to it."""
        self._cursor = max(0, min(at, len(self._pairs) - 1))
        self._settle(max(0, self._cursor - 2))
        top, bottom = self._tops[self._cursor], self._tops[min(self._cursor + 1, len(self._pairs))]
        view = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        if top < view[0] or bottom > view[1]:
            before = self._tops[max(0, self._cursor - 1)] if self.size.height > 12 else top
            self.scroll_to(y=before, animate=False, immediate=True, force=True)
        self._settle(self._top)
        self.refresh()

    # moving ------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Go to another turn; within a turn that is longer than the view, scroll first."""
        if not self.locked:
            self.post_message(self.Pushed(by))
            return
        if not self._pairs:
            return
        top, bottom = self._tops[self._cursor], self._tops[self._cursor + 1]
        above, below = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        if by > 0 and bottom > below and top <= above:
            self._scroll(self.size.height // 2)
        elif by < 0 and top < above and bottom >= below:
            self._scroll(-(self.size.height // 2))
        else:
            self.point(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Scroll by what the view holds, and take the cursor along."""
        self._scroll(by * max(1, self.size.height - 2))
        self._cursor = max(0, min(len(self._pairs) - 1, self._top + (by > 0)))
        self.refresh()

    def action_edge(self, at: int) -> None:
        """Go to the first turn, or the last."""
        if self._pairs:
            self.point(at % len(self._pairs))

    def action_open(self) -> None:
        """Ask for the turn at the cursor: of the side that is looked at, else of the one that has it."""
        pair = self.pair
        if pair is None:
            return
        side = 1 if self.view == "b" or (pair.a is None) else 0
        part = (pair.a, pair.b)[side]
        if part is not None:
            self.post_message(self.Opened(part, side))

    @on(Click)
    def _click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self._pairs:
            return
        at = self._at(offset.y + self.scroll_offset.y)
        if at < len(self._pairs):
            self._cursor = at
            self.refresh()
            if event.chain == 2:
                self.action_open()

    def _scroll(self, rows: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False, immediate=True, force=True)
        self._settle(self._top)

    # laying out --------------------------------------------------------------------------------

    @property
    def _top(self) -> int:
        return self._at(self.scroll_offset.y)

    def _at(self, y: int) -> int:
        return min(bisect_right(self._tops, y) - 1, max(0, len(self._pairs) - 1))

    def _lay_out_anew(self) -> None:
        self._laid.clear()
        self._heights = array("L", [_GUESS] * len(self._pairs))
        self._known = bytearray(len(self._pairs))
        self._stack()
        if self._pairs and self.size.width:
            self.point(self._cursor)
        self.refresh()

    @on(Resize)
    def _fit(self) -> None:
        self._lay_out_anew()

    def _stack(self) -> None:
        self._tops = [0, *accumulate(self._heights)]
        self.virtual_size = Size(0, self._tops[-1])

    def _settle(self, first: int) -> None:
        """Find out the heights of what is in view from a pair on, and of two views more."""
        if not (self._pairs and self.size.width):
            return
        room, changed = 3 * max(1, self.size.height), False
        for at in range(first, len(self._pairs)):
            if not self._known[at]:
                self._known[at] = 1
                height = len(self._pair(at).rows)
                changed = changed or height != self._heights[at]
                self._heights[at] = height
            room -= self._heights[at]
            if room < 0:
                break
        if changed:
            self._stack()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top = self._top
        if self._pairs and not self._known[top]:
            before = self._heights[top]
            self._settle(top)
            if new_value < old_value and (more := self._heights[top] - before):
                # Coming from below, what is in view stays where it is.
                self.call_next(self.scroll_relative, y=more, animate=False)
        else:
            self._settle(top)

    def _pair(self, at: int) -> _Laid:
        laid = self._laid.get(at)
        if laid is None:
            laid = self._laid[at] = self._lay_out(at)
        return laid

    def _lay_out(self, at: int) -> _Laid:
        pair, width = self._pairs[at], self.scrollable_content_region.width
        note = "  <- split" if at == self._split else f"  {', '.join(dict.fromkeys(pair.what))}"
        if self.view != "both":
            part = pair.a if self.view == "a" else pair.b
            mark = ("A" if self.view == "a" else "B") if pair.unlike else " "
            side = self._side(part, 0 if self.view == "a" else 1, width - 2, note)
            lead = row([Span(f"{mark} ", "warning")], 2, self.rich_style)
            return _Laid(tuple(Strip.join([lead, strip]) for strip in side))
        each = (width - 3) // 2
        left = self._side(pair.a, 0, each, note)
        right = self._side(pair.b, 1, width - 3 - each, "")
        blanks = (self._blank(each, pair.a), self._blank(width - 3 - each, pair.b))
        middle = row(
            [Span(" # " if pair.unlike else " │ ", "warning" if pair.unlike else "note")],
            3,
            self.rich_style,
        )
        rows = []
        for y in range(max(len(left), len(right))):
            a = left[y] if y < len(left) else blanks[0]
            b = right[y] if y < len(right) else blanks[1]
            rows.append(Strip.join([a, middle, b]))
        return _Laid(tuple(rows))

    def _blank(self, width: int, part: Part | None) -> Strip:
        style = self.rich_style
        if part is not None:
            return Strip.blank(width, style)
        look = self.get_component_rich_style("side-by-side--missing")
        return Strip([Segment(_HATCH * width, style + look)], width)

    def _side(self, part: Part | None, side: int, width: int, note: str) -> list[Strip]:
        if part is None:
            return [self._blank(width, None)]
        drawn: list[Strip] = []
        for line in self._told(part, side):
            drawn += strips(line, lay(line, width), width, self.rich_style)
        drawn = [strip.crop_extend(0, width, self.rich_style) for strip in drawn]
        if not drawn:
            drawn = [row([Span(f" turn {part.turn}", "note")], width, self.rich_style)]
        if note.strip():
            said = row(
                [Span(f" {note.strip()} ", "warning")], len(note.strip()) + 2, self.rich_style
            )
            keep = max(0, width - said.cell_length)
            drawn[0] = Strip.join([drawn[0].crop(0, keep), said]).crop_extend(0, width, None)
        return drawn

    def _told(self, part: Part, side: int) -> list[Line]:
        assert self._tellings is not None
        try:
            return self._tellings[side].lines(part.first, min(part.last, part.first + _MOST))
        except Damaged as error:
            return [Line(part.turn, "", "damaged", (Span(str(error)[:200], "failed"),))]

    # drawing -----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        at_row, width = self.scroll_offset.y + y, self.size.width
        if at_row >= self._tops[-1] or not self._pairs:
            return Strip.blank(width, self.rich_style)
        at = self._at(at_row)
        rows = self._pair(at).rows
        inside = at_row - self._tops[at]
        if inside >= len(rows):
            return Strip.blank(width, self.rich_style)
        strip = rows[inside].crop_extend(0, width, self.rich_style)
        if at == self._cursor and inside == 0:
            look = self.get_component_rich_style("side-by-side--cursor", partial=True)
            strip = Strip(Segment.apply_style(strip, post_style=look), width)
        return strip

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._laid.clear()
