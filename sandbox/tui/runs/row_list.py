"""A list of any length, a row each, of which only what is seen is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sandbox.console.lines import Span
from sandbox.tui.room.row import row

__all__ = ["RowList"]

T = TypeVar("T")


class RowList(ScrollView, Generic[T], can_focus=True):
    """Rows with a cursor; says which one it is on, and which one was chosen.

    Args:
        draw: the spans of an item, for a width in cells.
        empty: what stands there if there is nothing; lines.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="rows.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="rows.down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="rows.page-up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="rows.page-down"),
        Binding("home,g", "edge(0)", "To the first", show=False, id="rows.first"),
        Binding("end,G", "edge(-1)", "To the last", show=False, id="rows.last"),
        Binding("enter", "choose", "Open", tooltip="Open this one", id="rows.open"),
    ]

    @dataclass
    class Pointed(Message):
        """The cursor is on another item, or that item has changed."""

        list: RowList[Any]

        @property
        def control(self) -> RowList[Any]:
            return self.list

    @dataclass
    class Chosen(Message):
        """The reader wants the item at the cursor."""

        list: RowList[Any]

        @property
        def control(self) -> RowList[Any]:
            return self.list

    def __init__(
        self, draw: Callable[[T, int], Sequence[Span]], *, empty: Sequence[Span] = ()
    ) -> None:
        super().__init__()
        self._draw = draw
        self._empty = empty
        self._items: list[T] = []
        self._cursor = 0

    @property
    def items(self) -> Sequence[T]:
        """All of them, in order."""
        return self._items

    @property
    def cursor(self) -> int:
        """The index of the item that the cursor is on."""
        return self._cursor

    @property
    def item(self) -> T | None:
        """The item that the cursor is on; None where there is none."""
        return self._items[self._cursor] if self._items else None

    def fill(self, items: Sequence[T], cursor: int = 0) -> None:
        """Show these and no others."""
        self._items = list(items)
        self._cursor = max(0, min(cursor, len(self._items) - 1))
        self._changed()

    def extend(self, items: Sequence[T]) -> None:
        """Add items at the end; the cursor and the view stay."""
        first = not self._items
        self._items += items
        self.virtual_size = Size(0, len(self._items))
        self.refresh()
        if first:
            self.post_message(self.Pointed(self))

    def put(self, index: int, item: T) -> None:
        """Show another item in the place of one."""
        self._items[index] = item
        self.refresh()
        if index == self._cursor:
            self.post_message(self.Pointed(self))

    def empty(self, words: Sequence[Span]) -> None:
        """Say something else where there is nothing."""
        self._empty = words
        self.refresh()

    def point(self, index: int) -> None:
        """Put the cursor on an item and bring it into view."""
        if self._items:
            self._cursor = max(0, min(index, len(self._items) - 1))
            self._changed()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.point(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move it by what the view holds."""
        self.point(self._cursor + by * max(1, self.size.height - 1))

    def action_edge(self, index: int) -> None:
        """Move it to the first item, or the last."""
        self.point(index % max(1, len(self._items)))

    def action_choose(self) -> None:
        """Ask for the item at the cursor."""
        if self._items:
            self.post_message(self.Chosen(self))

    @on(Click)
    def _click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        at = -1 if offset is None else offset.y + self.scroll_offset.y
        if 0 <= at < len(self._items):
            self.point(at)
            if event.chain == 2:
                self.action_choose()

    @on(Resize)
    def _changed(self) -> None:
        self.virtual_size = Size(0, len(self._items))
        if self._items:
            self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Pointed(self))

    # drawing -----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, base, at = self.size.width, self.rich_style, self.scroll_offset.y + y
        if not self._items:
            words = [self._empty[y]] if y < len(self._empty) else []
            return row(words, width, base)
        if at >= len(self._items):
            return Strip.blank(width, base)
        if at == self._cursor:
            base += self.get_component_rich_style("row-list--cursor")
        return row(self._draw(self._items[at], width), width, base)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
