"""The transcript of a run as a widget: lines that follow, are found, filtered, folded and copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.console.lines import Line
from sandbox.tui.text.ask_line import AskLine
from sandbox.tui.text.copying import chosen
from sandbox.tui.text.filter import Filter
from sandbox.tui.text.find import Find
from sandbox.tui.text.keys import KEYS
from sandbox.tui.text.sheet import Sheet

__all__ = ["Transcript"]


class Badge(Static):
    """Says how much is new below; a click goes there."""

    def on_click(self) -> None:
        """Follow the end."""
        if isinstance(self.parent, Transcript):
            self.parent.follow(on=True)


class Transcript(Vertical):
    """Any number of told lines. It follows its end until the reader looks back."""

    BINDINGS = KEYS
    HELP = "A run as it is told. It follows its end until you look back; nothing else moves it."

    following: reactive[bool] = reactive(default=True, layout=False)
    unread: reactive[int] = reactive(0, layout=False)
    """Lines that came while the reader looked back."""
    has_earlier: reactive[bool] = reactive(default=False, layout=False)
    """Whether there are lines before the first, to be asked for by ``Earlier``."""

    @dataclass
    class Pointed(Message):
        """The reader points at a line of this event."""

        seq: int

    @dataclass
    class Opened(Message):
        """Enter on a line of this event; ``unfolded`` is None if there was nothing to fold."""

        seq: int
        unfolded: bool | None

    @dataclass
    class Linked(Message):
        """The reader wants a link to this event in the clipboard."""

        seq: int

    @dataclass
    class Copied(Message):
        """That many lines are in the clipboard."""

        lines: int

    class Earlier(Message):
        """The reader is at the top, and ``has_earlier``: answer with ``prepend``."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self._told = self.sheet.told
        self._badge = Badge(markup=False)
        self._state = Static(markup=False, classes="state")
        self._asked: AskLine | None = None
        self._asked_earlier = False

    def compose(self) -> ComposeResult:
        yield self.sheet
        yield self._state
        yield self._badge

    def on_mount(self) -> None:
        """Watch the sheet."""
        self.watch(self.sheet, "following", self._show_view)
        self.watch(self.sheet, "unread", self._show_view)
        self.watch(self.sheet, "cursor", self._tell_pointed)
        self.watch(self.sheet, "virtual_size", self._show_view, init=False)
        self.watch(self.sheet, "scroll_y", self._look_for_earlier, init=False)
        self._show_state()

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002  # Textual's signature
        """Give the focus to the lines."""
        self.sheet.focus(scroll_visible)
        return self

    # lines -------------------------------------------------------------------------------------

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end."""
        before = self._told.store.last
        self.sheet.append(lines)
        if self.sheet.search is not None:
            self.sheet.search.grow(before)
        self._show_state()

    def prepend(self, lines: Sequence[Line]) -> None:
        """Add earlier lines before the first; answers ``Earlier``."""
        self._asked_earlier = False
        self.sheet.prepend(lines)
        self._search_anew()

    def truncate(self, seq: int) -> None:
        """Forget the lines of events after ``seq``."""
        self.sheet.truncate(seq)
        self._search_anew()

    def clear(self) -> None:
        """Forget all lines; search and filters stay."""
        self._asked_earlier = False
        self.sheet.clear()
        self._search_anew()

    @property
    def count(self) -> int:
        """How many lines there are, hidden ones too."""
        return len(self._told.store)

    @property
    def lines(self) -> Iterator[Line]:
        """The lines that no filter hides, in their order, read one by one."""
        number = self._told.first
        while number is not None:
            yield self._told.store.line(number)
            number = self._told.after(number)

    # where the reader is -----------------------------------------------------------------------

    def follow(self, *, on: bool) -> None:
        """Stay at the end from now on, or stay where the reader is."""
        self.sheet.follow(on=on)

    @property
    def pointed(self) -> int | None:
        """The seq of the event that the cursor is on."""
        cursor = self.sheet.cursor
        return None if cursor is None else self._told.store.seq(cursor)

    def to_seq(self, seq: int) -> bool:
        """Bring the first line of an event into view and point at it; False if it is not here.

        Then the first line after it is pointed at, if there is one.
        """
        number = self._told.store.at_seq(seq)
        if number is None or (shown := self._told.nearest(number)) is None:
            return False
        self.sheet.go(shown)
        return self._told.store.seq(number) == seq

    def action_up(self) -> None:
        """Point at the line before; the first time, at the last one in sight."""
        self.sheet.step(-1)
        self._look_for_earlier()

    def action_down(self) -> None:
        """Point at the next line; with the last, follow the end."""
        self.sheet.step(1)

    def action_page(self, way: int) -> None:
        """Go a page up or down; the cursor comes along."""
        self.sheet.page(way)
        self._look_for_earlier()

    def action_home(self) -> None:
        """Go to the first line there is."""
        if self._told.first is not None:
            self.sheet.look_back()
            self.sheet.cursor = self._told.first
            self.sheet.reveal(self._told.first)
        self._look_for_earlier()

    def action_end(self) -> None:
        """Go to the end and follow it."""
        self.sheet.cursor = None
        self.follow(on=True)

    def _look_for_earlier(self) -> None:
        at_top = self.sheet.scroll_offset.y == 0 and not self.sheet.following
        if self.has_earlier and at_top and not self._asked_earlier:
            self._asked_earlier = True
            self.post_message(self.Earlier())

    # folding -----------------------------------------------------------------------------------

    def action_fold(self) -> None:
        """Unfold or fold the line at the cursor, and say that it was opened."""
        cursor = self.sheet.cursor
        if cursor is not None:
            unfolded = self._told.fold(cursor)
            self.sheet.repaint()
            self.post_message(self.Opened(self._told.store.seq(cursor), unfolded))

    def action_fold_all(self) -> None:
        """Unfold all lines, or fold all."""
        self.sheet.sweep(self._told.fold_all())

    # find and filter ---------------------------------------------------------------------------

    async def action_find(self) -> None:
        """Ask what to look for."""
        before = "" if self.sheet.search is None else self.sheet.search.text
        await self._ask(AskLine("find", "words, as they stand there", before), "find")

    def find(self, text: str) -> int:
        """Look for a text in what is shown, mark it, and go to the first hit from here on.

        An empty text ends the search. Returns how many lines hold it; where there are more than
        30,000 lines it goes on counting, and says so by ``state``.
        """
        sheet = self.sheet
        sheet.search = Find(text, self._told.store) if text else None
        sheet.repaint()
        self._search_anew()
        if sheet.search is None:
            return 0
        here = sheet.here
        if here is not None and (hit := sheet.search.after(here - 1)) is not None:
            sheet.go(hit)
        return len(sheet.search.hits)

    def action_next(self, way: int) -> None:
        """Go to the next hit, or the one before; beyond the last comes the first."""
        search, here = self.sheet.search, self.sheet.here
        if search is not None and here is not None:
            hit = search.after(here) if way > 0 else search.before(here)
            if hit is not None:
                self.sheet.go(hit)

    def _search_anew(self) -> None:
        search = self.sheet.search
        self.sheet.sweeps.start("search", iter(()) if search is None else self._found(search))
        self._show_state()

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters, as they were typed."""
        return tuple(each.source for each in self._told.filters)

    async def action_filter(self) -> None:
        """Ask for one more filter."""
        await self._ask(
            AskLine("filter", 'words  -word  agent:ada  kind:say  "two words"'), "filter"
        )

    def action_unfilter(self) -> None:
        """Show all lines."""
        self.filter(())

    def filter(self, sources: Sequence[str]) -> None:
        """Show the lines that pass all of these filters, see ``Filter``; none shows all."""
        made = [each for each in map(Filter, sources) if each.terms]
        self.sheet.sweep(self._filtered(made), "filter")

    def _filtered(self, made: list[Filter]) -> Iterator[None]:
        for _ in self._told.filter(made):
            self._show_state()
            yield
        self._search_anew()

    def _found(self, search: Find) -> Iterator[None]:
        for _ in search.slices():
            self._show_state()
            yield
        self._show_state()

    async def _ask(self, line: AskLine, what: str) -> None:
        if self._asked is None:
            self._asked = line
            line.set_class(True, what)
            await self.mount(line, after=self.sheet)

    @on(AskLine.Changed)
    def _typed(self, event: AskLine.Changed) -> None:
        event.stop()
        if self._asked is not None and self._asked.has_class("find"):
            self.find(event.text)

    @on(AskLine.Done)
    async def _entered(self, event: AskLine.Done) -> None:
        event.stop()
        asked, self._asked = self._asked, None
        if asked is None:
            return
        if asked.has_class("filter") and event.text:
            self.filter((*self.filters, event.text))
        elif asked.has_class("find") and event.text is None:
            self.find("")
        self.focus()
        await asked.remove()

    # copying -----------------------------------------------------------------------------------

    def action_range(self) -> None:
        """Begin to choose lines at the cursor, or give that up."""
        self.sheet.mark = self.sheet.here if self.sheet.mark is None else None
        self.sheet.cursor = self.sheet.here
        self.sheet.look_back()
        self._show_state()

    def action_copy(self) -> None:
        """Copy what is selected or chosen; else ask the page for a link to this event."""
        if self.screen.get_selected_text() or self.sheet.mark is not None:
            self.action_copy_text()
        elif self.pointed is not None:
            self.post_message(self.Linked(self.pointed))

    def action_copy_text(self) -> None:
        """Copy what is selected, the lines of the range, or the line at the cursor."""
        if lines := chosen(self.sheet):
            self.app.copy_to_clipboard("\n".join(lines))
            self.post_message(self.Copied(len(lines)))
        self.screen.clear_selection()
        self.sheet.mark = None
        self._show_state()

    def action_calm(self) -> None:
        """End what escape ends here: a range, else the search."""
        if self.sheet.mark is not None:
            self.action_range()
        else:
            self.find("")

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Leave escape to the page where there is nothing to be ended here."""
        return action != "calm" or bool(self.sheet.mark is not None or self.sheet.search)

    # what is said about the view ---------------------------------------------------------------

    @property
    def state(self) -> str:
        """What search, filter and range there is, with how many lines; empty if none."""
        parts = []
        if (search := self.sheet.search) is not None:
            count, place = len(search.hits), search.place(self.sheet.cursor)
            hits = (
                f"{place:,} of {count:,}" if place else f"{count:,} lines" if count else "nowhere"
            )
            parts.append(f"find {clause(search.text)}: {hits}")
        if self._told.filters:
            stack = " + ".join(clause(source) for source in self.filters)
            parts.append(f"filter {stack}: {self._told.shown():,} of {self.count:,} lines")
        if self.sheet.mark is not None:
            parts.append("range: y copies it, esc leaves it")
        return "  ·  ".join(parts)

    def _show_view(self) -> None:
        self.following, self.unread = self.sheet.following, self.sheet.unread
        said = f" +{self.unread:,} new  G follows "
        self._badge.update(said, layout=len(said) != len(str(self._badge.content)))
        self._badge.display = self.unread > 0
        self._badge.styles.offset = (0, max(self.sheet.size.height - 1, 0))

    def _tell_pointed(self) -> None:
        if self.pointed is not None:
            self.post_message(self.Pointed(self.pointed))
        self._show_state()

    def _show_state(self) -> None:
        state = self.state
        self._state.display = bool(state)
        if state:
            self._state.update(state)
