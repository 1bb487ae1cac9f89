"""All runs: which there are, what was said in them, and where to go from there."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from sandbox.console.lines import Span
from sandbox.errors import BackroomsError, UsageError
from sandbox.transcript.runs import list_runs
from sandbox.transcript.search import Hit
from sandbox.tui.desk import Desk
from sandbox.tui.page import Page
from sandbox.tui.places import Compared, Flagged, Place, Played, Replayed, Watched
from sandbox.tui.replay.ask_bar import AskBar, ChoiceBar
from sandbox.tui.replay.exporting import CHOICES, export_beside
from sandbox.tui.runs.finding import Found, Progress, find, hit_spans
from sandbox.tui.runs.resuming import plan_to_resume
from sandbox.tui.runs.row_list import RowList
from sandbox.tui.runs.run_card import RunCard
from sandbox.tui.runs.run_row import run_spans
from sandbox.tui.runs.shelf import ORDERS, Row, both, flags_of, named, ordered
from sandbox.tui.titles import literal

__all__ = ["RunsPage"]

_PAUSE: Final = 0.25
"""Seconds after the last key until a search begins."""

_HELP: Final = 'words  "exact"  -not  /regex/  agent: kind: flag: turn: run: title: tool:'


class RunsPage(Page):
    """The list on the left; beside it the run at the cursor, or what a search has found."""

    MODE = "runs"
    CSS_PATH = "runs.tcss"
    ABOUT = (
        "All runs of the folder of transcripts. `/` searches what was said and done in all of them"
        f" while you type: {_HELP}"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", tooltip="Search in all runs", id="runs.search"),
        Binding("n", "next_hit(1)", "Next", show=False, tooltip="Next hit", id="runs.next"),
        Binding("N", "next_hit(-1)", "Back", show=False, tooltip="Hit before", id="runs.previous"),
        Binding("space", "mark", "Mark", tooltip="Mark a run; two can be compared", id="runs.mark"),
        Binding("c", "compare", "Compare", tooltip="Compare the marked two", id="runs.compare"),
        Binding("s", "sort", "Sort", show=False, tooltip="Sort by something else", id="runs.sort"),
        Binding("x", "export", "Export", tooltip="Write the run for others", id="runs.export"),
        Binding("r", "resume", "Resume", tooltip="Go on with the run", id="runs.resume"),
        Binding("F", "flags", "Flags", show=False, tooltip="The run's flags", id="runs.flags"),
        Binding("w", "watch", "Watch", show=False, tooltip="Watch a live run", id="runs.watch"),
        Binding("y", "copy", "Copy link", show=False, tooltip="Copy a link", id="runs.copy"),
        Binding("R", "read", "Read", show=False, tooltip="Read the folder again", id="runs.read"),
        Binding("tab", "app.focus_next", "Pane", show=False, tooltip="Next pane", id="runs.pane"),
        Binding("escape", "stop", "Stop", show=False, tooltip="Stop the search", id="runs.stop"),
    ]

    @dataclass
    class Read(Message):
        """Facts of all runs, or of one."""

        rows: list[Row]

    @dataclass
    class Told(Message):
        """News of a search."""

        typed: str
        news: Found | Progress

    @dataclass
    class Done(Message):
        """Something that took a while is done: a sentence, and where to go then."""

        sentence: str
        place: Place | None = None
        failed: bool = False

    @dataclass
    class Short(Message):
        """A run can go on only if it is given more turns."""

        folder: Path
        why: str

    def __init__(self, desk: Desk, place: Place | None = None) -> None:
        super().__init__(desk, place)
        self.list: RowList[Row] = RowList(self._draw)
        self.list.id = "runs"
        self.hits: RowList[Hit] = RowList(lambda hit, width: [*hit_spans(hit, width)])
        self.hits.id = "hits"
        self.card = RunCard()
        self.bar = AskBar()
        self.choice = ChoiceBar()
        self._input = Input(compact=True, placeholder=_HELP)
        self._state = Static(markup=False, classes="state")
        self._rows: dict[str, Row] = {}
        self._order = "newest"
        self._marked: list[str] = []
        self._typed = ""
        self._sought = ""
        self._searching = False
        self._found: set[str] = set()
        self._ended = 0

    def body(self) -> ComposeResult:
        with Horizontal(id="search"):
            yield Static("/", markup=False, classes="prompt")
            yield self._input
            yield self._state
        yield self.bar
        yield self.choice
        with Container(classes="columns"):
            yield self.list
            yield self.card
            yield self.hits

    def on_mount(self) -> None:
        """Show the names at once; what the runs are comes as it is read."""
        self.hits.display = False
        self.hits.border_title = "Hits"
        self.list.focus()
        self.action_read()

    def on_screen_resume(self) -> None:
        """Look again: a run may have been played meanwhile."""
        if self._rows:
            self.action_read()

    # the list ----------------------------------------------------------------------------------

    def action_read(self) -> None:
        """Read the folder again."""
        known = self._rows
        rows = named(self.desk.root)
        self._rows = {row.id: self._as_known(row, known.get(row.id)) for row in rows}
        self._marked = [run for run in self._marked if run in self._rows]
        self._arrange()
        self._to_ended()
        self.run_worker(self._read, name="read", group="read", thread=True, exclusive=True)

    def _to_ended(self) -> None:
        """Point at the run that has ended here since the list was seen last."""
        ended = self.desk.ended[self._ended :]
        self._ended += len(ended)
        last = ended[-1].folder.name if ended else ""
        at = next((n for n, row in enumerate(self.list.items) if row.id == last), None)
        if at is not None:
            self.list.fill(self.list.items, at)

    def _as_known(self, row: Row, before: Row | None) -> Row:
        return row if before is None else replace(before, size=row.size)

    def _read(self) -> None:
        worker = get_current_worker()
        infos = {info.folder.name: info for info in list_runs(self.desk.root)}
        rows = [replace(row, info=infos.get(row.folder.name)) for row in [*self._rows.values()]]
        self.post_message(self.Read(rows))
        for row in rows:
            if worker.is_cancelled:
                return
            flags = flags_of(row)
            if flags != row.flags:
                self.post_message(self.Read([replace(row, flags=flags)]))

    @on(Read)
    def _take(self, event: Read) -> None:
        for row in event.rows:
            if row.id in self._rows:
                self._rows[row.id] = row
        if len(event.rows) > 1 or self._order == "flags":
            self._arrange()
            return
        places = {row.id: at for at, row in enumerate(self.list.items)}
        for row in event.rows:
            if row.id in places:
                self.list.put(places[row.id], row)

    def _arrange(self) -> None:
        before = self.list.item
        rows = ordered(self._rows.values(), self._order)
        at = next((n for n, row in enumerate(rows) if before and row.id == before.id), 0)
        self.list.fill(rows, at)
        self.list.border_title = literal(f"Runs   sort: {self._order}")
        live = sum(row.live for row in rows)
        self.heading.say(f"{len(rows):,} run{'s' * (len(rows) != 1)}")
        self.heading.state(f"{live} LIVE" if live else "", "live")
        self.refresh_bindings()

    def _draw(self, row: Row, width: int) -> list[Span]:
        mark = "AB"[self._marked.index(row.id)] if row.id in self._marked else " "
        return run_spans(row, width, mark=mark)

    @on(RowList.Pointed, "#runs")
    def _point(self) -> None:
        self.card.show(self.list.item)

    @on(RowList.Chosen, "#runs")
    def _open(self) -> None:
        row = self.list.item
        if row is not None and row.broken:
            self.flash("This run cannot be read: why stands beside it.", "bad")
        elif row is not None:
            self.go(Replayed(row.folder))

    def action_sort(self) -> None:
        """Sort by the next key."""
        orders = [*ORDERS]
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._arrange()

    def action_mark(self) -> None:
        """Mark the run at the cursor, or take its mark away; of three, the first mark goes."""
        row = self._row()
        if row is None:
            return
        if row.id in self._marked:
            self._marked.remove(row.id)
        else:
            self._marked = [*self._marked[-1:], row.id]
        self.list.refresh()
        if len(self._marked) == 2:
            self.flash("Two runs are marked: c compares them.")

    def action_compare(self) -> None:
        """Compare the two that are marked; the marked one and the one at the cursor; or choose there."""
        row, marked = self._row(), [*self._marked]
        if len(marked) == 1 and row is not None and row.id != marked[0]:
            marked.append(row.id)
        if len(marked) == 2:
            self.go(Compared(*both([self._rows[run] for run in marked])))
        else:
            self.go("compare")

    # search ------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Type what to look for."""
        self._input.focus()

    @on(Input.Changed)
    def _type(self, event: Input.Changed) -> None:
        typed = event.value.strip()
        if typed != self._typed:
            self._typed = typed
            self.set_timer(_PAUSE, lambda: self._begin(typed))

    @on(Input.Submitted)
    def _submit(self) -> None:
        self._typed = self._input.value.strip()
        self._begin(self._typed, again=not self.hits.items)
        (self.hits if self._typed else self.list).focus()

    def _begin(self, typed: str, *, again: bool = False) -> None:
        """Search, unless something else was typed meanwhile."""
        if typed != self._typed or (typed == self._sought and not again):
            return
        self._sought = typed
        self._show_hits(on=bool(typed))
        self.workers.cancel_group(self, "search")
        self.hits.fill([])
        self.hits.empty([Span(" Searching …", "note")])
        self._found = set()
        self._searching = bool(typed)
        self._state.update("")
        if typed:
            self.run_worker(lambda: self._find(typed), name="search", group="search", thread=True)

    def _find(self, typed: str) -> None:
        worker = get_current_worker()
        find(
            self.desk.root,
            typed,
            lambda news: self._tell(typed, news),
            lambda: worker.is_cancelled,
        )

    def _tell(self, typed: str, news: Found | Progress) -> None:
        self.post_message(self.Told(typed, news))

    @on(Told)
    def _hear(self, event: Told) -> None:
        if event.typed != self._sought:
            return
        if isinstance(event.news, Progress):
            if event.news.done:
                done, of = event.news.done, event.news.of
                self._state.update(f"indexing {done:,} of {of:,}, hits may be missing  esc stops")
            return
        self.hits.extend(event.news.hits)
        self._found |= {hit.file.id for hit in event.news.hits}
        if event.news.over:
            self._searching = False
            words = [Span(f" {sentence}", "note") for sentence in event.news.sentences]
            self.hits.empty(words)
            if self.hits.items and event.news.sentences:
                self.flash(" ".join(event.news.sentences))
        count, runs = len(self.hits.items), len(self._found)
        said = f"{count:,} hit{'s' * (count != 1)} in {runs:,} run{'s' * (runs != 1)}"
        problem = event.news.problem
        self._state.update("cannot be read" if problem else said + "  …" * self._searching)
        self.hits.border_title = literal("Hits" if problem else said.capitalize())

    def _show_hits(self, *, on: bool) -> None:
        self.hits.display = on
        self.card.display = not on
        self.list.set_class(on, "-aside")

    @on(RowList.Chosen, "#hits")
    def _open_hit(self) -> None:
        hit = self.hits.item
        if hit is not None:
            self.go(Replayed(hit.file.path.parent, seq=hit.document.seq))

    def action_next_hit(self, by: int) -> None:
        """Go to another hit; behind the last the first comes again."""
        if self.hits.items:
            self.hits.point((self.hits.cursor + by) % len(self.hits.items))

    def action_stop(self) -> None:
        """Stop the search; once it is over, show the runs again."""
        if self._searching:
            self.workers.cancel_group(self, "search")
        elif self.hits.display:
            self._input.value = ""
            self._typed = ""
            self._begin("")
        self.list.focus()

    # what is done with a run -------------------------------------------------------------------

    def _row(self) -> Row | None:
        """The run that is meant: of the hit at the cursor, or at the cursor of the list."""
        if self.focused is self.hits and self.hits.item is not None:
            return self._rows.get(self.hits.item.file.id)
        return self.list.item

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Dim what cannot be done here."""
        row = self.list.item
        if action in {"mark", "compare", "sort", "export", "resume", "flags", "copy"}:
            return True if row is not None else None
        if action == "watch":
            return True if row is not None and row.live else None
        return True

    def action_export(self) -> None:
        """Choose a format, and write the run beside its folder."""
        row = self._row()
        if row is not None:
            self.choice.offer("export as", CHOICES, lambda form: self._export(row.folder, form))

    def _export(self, folder: Path, form: str) -> None:
        self.flash(f"Writing {folder.name} as {form} …")
        self._work("export", lambda: self.Done(f"Written: {export_beside(folder, form)}"))

    def action_resume(self) -> None:
        """Go on with the run, in Live."""
        row = self._row()
        if row is not None:
            self.flash(f"Reading {row.id} …")
            self._work("resume", lambda: self._resumed(row.folder, None))

    def _resumed(self, folder: Path, turns: int | None) -> Message:
        values = {} if turns is None else {"limits.turns": turns}
        try:
            return self.Done("", Played(plan_to_resume(folder, values)))
        except UsageError as error:
            if "--turns" in str(error):
                return self.Short(folder, str(error))
            raise

    @on(Short)
    def _ask_turns(self, event: Short) -> None:
        folder = event.folder

        def answer(text: str) -> None:
            if text.strip().isdecimal():
                turns = int(text)
                self._work("resume", lambda: self._resumed(folder, turns))
            else:
                self.flash(f"{text!r:.40} is no number of turns.", "warning")

        self.flash(event.why, "warning")
        self.bar.ask("turns in all", answer, hint="enter goes on  esc leaves")

    def action_flags(self) -> None:
        """See the run's flags."""
        row = self._row()
        if row is not None:
            self.go(Flagged(row.folder))

    def action_watch(self) -> None:
        """Sit down at a live run."""
        row = self._row()
        if row is not None and row.live:
            self.go(Watched(row.id))

    def action_copy(self) -> None:
        """Copy a command that opens the run, or the hit, again."""
        hit = self.hits.item if self.focused is self.hits else None
        row = self._row()
        if row is None:
            return
        words = ["backrooms", "replay", row.id]
        if hit is not None:
            last = row.info is not None and hit.document.seq >= row.info.events
            words += ["--at", "100%" if last else f"seq:{hit.document.seq + 1}"]
        if self.desk.root != Path("transcripts"):
            words += ["--dir", str(self.desk.root)]
        self.app.copy_to_clipboard(shlex.join(words))
        self.flash(f"Copied: {shlex.join(words)}", "good")

    def _work(self, name: str, act: Callable[[], Message]) -> None:
        """Do something in a thread that takes a while, and say what came of it."""

        def work() -> None:
            try:
                self.post_message(act())
            except (BackroomsError, OSError) as error:
                self.post_message(self.Done(str(error), failed=True))

        self.run_worker(work, name=name, group=name, thread=True, exclusive=True)

    @on(Done)
    def _finished(self, event: Done) -> None:
        if event.sentence:
            self.flash(event.sentence, "bad" if event.failed else "good")
        if event.place is not None:
            self.go(event.place)
