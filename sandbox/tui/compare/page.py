"""Two runs compared: the turn where they part is in sight at once, and everything beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.engine.alignment import Relation
from sandbox.errors import BackroomsError
from sandbox.transcript.replay_record import RecordLog
from sandbox.transcript.runs import list_runs
from sandbox.tui.compare.comparison import Comparison, Stopped, compare
from sandbox.tui.compare.numbers import number_rows
from sandbox.tui.compare.pairing import BY, By, Pair, pairs, shifted, splits
from sandbox.tui.compare.report import write_report
from sandbox.tui.compare.side_by_side import SideBySide, View
from sandbox.tui.desk import Desk
from sandbox.tui.page import Page
from sandbox.tui.places import Compared, Place, Replayed
from sandbox.tui.replay.readable import Readable
from sandbox.tui.replay.telling import Telling
from sandbox.tui.runs.row_list import RowList
from sandbox.tui.runs.run_row import run_spans
from sandbox.tui.runs.shelf import Row, both, ordered
from sandbox.tui.text.paint import text

__all__ = ["ComparePage"]

_GIVEN: Final = 3
"""Differences of what was given that are told at the top."""

_RELATIONS: Final[dict[Relation, str]] = {
    "the same run": "the same run",
    "child": "B was forked from A",
    "parent": "A was forked from B",
    "siblings": "forks of one run",
    "one scenario": "one scenario",
    "unrelated": "two scenarios",
}


class ComparePage(Page):
    """Two runs side by side; without a place, the list to choose two from."""

    MODE = "compare"
    CSS_PATH = "compare.tcss"
    ABOUT = (
        "Two runs, turn beside turn; `#` stands between what is not the same. What they were given"
        " stands above, what they came to below. A turn that one of them does not have is hatched."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "split(1)", "Split", tooltip="Next split", id="compare.next"),
        Binding("D", "split(-1)", "Back", tooltip="Split before", show=False, id="compare.back"),
        Binding("L", "lock", "Lock", tooltip="Scroll both, or one alone", id="compare.lock"),
        Binding("equals_sign", "align", "Align", tooltip="By turn, or time", id="compare.align"),
        Binding("s", "swap", "Swap", tooltip="Swap the two sides", id="compare.swap"),
        Binding("w", "write", "Report", tooltip="Write a report", id="compare.write"),
        Binding("tab", "flip", "A/B", tooltip="One side, or the other", id="compare.flip"),
        Binding("space", "mark", "Mark", tooltip="Choose a run", id="compare.mark"),
        Binding("c", "runs", "Runs", tooltip="Two other runs", id="compare.choose"),
        Binding("r", "read", "Read", show=False, tooltip="Compare again", id="compare.read"),
        Binding("escape", "out", "Back", tooltip="Stop reading, or go back", id="compare.leave"),
    ]

    @dataclass
    class Read(Message):
        """How far both records are read."""

        done: int
        of: int

    @dataclass
    class Found(Message):
        """The comparison, or why there is none."""

        folders: tuple[Path, Path]
        found: Comparison | None
        why: str = ""

    @dataclass
    class Listed(Message):
        """The runs to choose from."""

        rows: list[Row]

    @dataclass
    class Said(Message):
        """Something is done."""

        words: str
        failed: bool = False

    def __init__(self, desk: Desk, place: Compared | None = None) -> None:
        super().__init__(desk, place)
        self.sides = SideBySide()
        self.list: RowList[Row] = RowList(self._draw)
        self.list.id = "choose"
        self.folders = None if place is None else (place.first, place.second)
        self._tops = (Static(markup=False), Static(markup=False))
        self._given = Static(markup=False, id="given")
        self._numbers = (Static(markup=False), Static(markup=False))
        self._waiting = Static(markup=False, id="waiting")
        self._marked: list[str] = []
        self._by: By = "turn"
        self._shift = 0
        self._flipped: View = "a"
        self._pairs: Sequence[Pair] = ()
        self._found: Comparison | None = None
        self._logs: list[RecordLog] = []
        self._tellings: list[Telling] = []

    def body(self) -> ComposeResult:
        with Horizontal(id="tops"):
            yield from self._tops
        yield self._given
        yield self._waiting
        yield self.list
        yield self.sides
        with Horizontal(id="numbers"):
            yield from self._numbers

    def on_mount(self) -> None:
        """Compare what is named, or let two be chosen."""
        if self.folders is None:
            self.action_runs()
        else:
            self.action_read()

    def on_unmount(self) -> None:
        """Let go of the records."""
        self._close()

    def on_screen_resume(self) -> None:
        """There may be new runs to choose from."""
        if self.folders is None:
            self.action_runs()

    def arrive(self, place: Place) -> bool:
        """Other runs are compared on this page too."""
        if not isinstance(place, Compared):
            return False
        if self.folders != (place.first, place.second):
            self.place, self.folders = place, (place.first, place.second)
            self.action_read()
        return True

    # choosing ----------------------------------------------------------------------------------

    def action_runs(self) -> None:
        """List the runs, the last two marked."""
        self.folders, self._found = None, None
        self._show("list")
        self.run_worker(self._list, name="list", group="list", thread=True, exclusive=True)

    def _list(self) -> None:
        infos = list_runs(self.desk.root)
        rows = [Row(info.folder.name, info.folder, info.size, info) for info in infos]
        self.post_message(self.Listed(ordered(rows, "newest")))

    @on(Listed)
    def _fill(self, event: Listed) -> None:
        if self.folders is not None:
            return  # two are compared by now
        rows = [row for row in event.rows if not row.broken]
        self._marked = [run for run in self._marked if any(row.id == run for row in rows)]
        self._marked = self._marked or [row.id for row in rows[:2]]
        self.list.border_title = "Two runs   space marks   enter compares"
        self.list.empty([Span(" No runs yet. 1 goes to the scenarios, enter there plays one.")])
        self.list.fill(rows, self.list.cursor)
        self.list.focus()
        self.heading.say("choose two runs")

    def _draw(self, row: Row, width: int) -> list[Span]:
        mark = "AB"[self._order().index(row.id)] if row.id in self._marked else " "
        return run_spans(row, width, mark=mark)

    def _order(self) -> list[str]:
        return sorted(self._marked)

    def action_mark(self) -> None:
        """Mark the run at the cursor, or take its mark away."""
        row = self.list.item
        if row is not None and row.id in self._marked:
            self._marked.remove(row.id)
        elif row is not None:
            self._marked = [*self._marked[-1:], row.id]
        self.list.refresh()

    @on(RowList.Chosen)
    def _chosen(self) -> None:
        rows = [row for row in self.list.items if row.id in self._marked]
        if len(rows) != 2:
            self.flash("Mark two runs with space; then enter compares them.", "warning")
            return
        first, second = both(rows)
        self.place, self.folders = Compared(first, second), (first, second)
        self.action_read()

    # comparing ---------------------------------------------------------------------------------

    def action_read(self) -> None:
        """Compare the two as they are now."""
        folders = self.folders
        if folders is None:
            self.action_runs()
            return
        self._waiting.update("Reading both runs …")
        self._show("waiting")
        self.heading.say(f"{clause(folders[0].name)} against {clause(folders[1].name)}")
        self.heading.state("READING", "warning")
        self.run_worker(
            lambda: self._compare(folders), name="compare", group="compare", thread=True,
            exclusive=True,
        )  # fmt: skip

    def _compare(self, folders: tuple[Path, Path]) -> None:
        worker = get_current_worker()

        def progress(done: int, of: int) -> None:
            self.post_message(self.Read(done, of))

        try:
            found = compare(folders, progress, lambda: worker.is_cancelled)
            self.post_message(self.Found(folders, found))
        except Stopped:
            self.post_message(
                self.Found(folders, None, why="Stopped. r reads again, c chooses others.")
            )
        except (BackroomsError, OSError) as error:
            self.post_message(self.Found(folders, None, why=str(error)))

    @on(Read)
    def _count(self, event: Read) -> None:
        self._waiting.update(
            f"Reading both runs: {event.done:,} of {event.of:,} events   esc stops"
        )

    @on(Found)
    def _arrived(self, event: Found) -> None:
        if event.folders != self.folders:
            return
        if event.found is None:
            self._waiting.update(f"{clause(event.why)}\n\nc chooses two other runs.")
            self.heading.state("NOT COMPARED", "bad")
            return
        self._found = event.found
        self._open(event.found)
        self._shift = 0
        self._tell()
        self._show("sides")
        self._lay(first=True)
        self.sides.focus()

    def _open(self, found: Comparison) -> None:
        self._close()
        self._logs = [RecordLog(folder) for folder in found.folders]
        self._tellings = [Telling(Readable(log)) for log in self._logs]
        for telling, cues in zip(self._tellings, found.cues, strict=True):
            telling.learn(cues)

    def _close(self) -> None:
        for log in self._logs:
            log.close()
        self._logs = []

    def _lay(self, *, first: bool = False) -> None:
        """Set the turns side by side; at first the split is in sight, else what was."""
        assert self._found is not None
        before = self.sides.pair
        of = pairs(self._found, self._by)
        self._pairs = shifted(of, self._shift) if self._shift else of
        parts = splits(self._pairs)
        split = parts[0] if parts and not self._shift else -1
        at = max(0, split) if first else _nearest(self._pairs, before)
        self.sides.show(self._pairs, (self._tellings[0], self._tellings[1]), split=split, at=at)
        self._look()
        self._state()

    def _state(self) -> None:
        found = self._found
        assert found is not None
        parting = found.found.parting
        self.heading.state(
            f"SPLIT AT {parting.turn:,}" if parting else "THE SAME",
            "good" if parting is None else "warning",
        )
        words = [_RELATIONS[found.found.relation], f"by {self._by}"]
        words += [] if self.sides.locked else [f"unlocked {self._shift:+d}"]
        self.heading.say("   ".join(words))

    def _tell(self) -> None:
        found = self._found
        assert found is not None
        for place, name in enumerate("AB"):
            side, numbers = found.found.sides[place], found.numbers[place]
            seed = "" if numbers.seed is None else f"  seed {clause(numbers.seed)}"
            live = "  * LIVE, as read" if found.growing[place] else ""
            tally = side.tally
            length = f"{count(tally.turns, 'turn')}  {count(tally.flags, 'flag')}"
            self._tops[place].update(f"{name}  {length}{live}{seed}   {clause(side.run)}")
            rows = Text("\n").join(text(row) for row in number_rows(tally, numbers))
            self._numbers[place].update(rows)
        given = [*_given(found)]
        self._given.update(Text("\n").join(given))
        self._given.display = bool(given)

    # looking -----------------------------------------------------------------------------------

    def _show(self, what: str) -> None:
        self.list.display = what == "list"
        self._waiting.display = what == "waiting"
        self.sides.display = what == "sides"
        for part in self.query("#tops, #numbers"):
            part.display = what == "sides"
        if what != "sides":
            self._given.display = False
        if what == "list":
            self.heading.state("")
        self.refresh_bindings()

    def on_resize(self) -> None:
        """One column where two have no room."""
        self._look()

    def _look(self) -> None:
        narrow = self.has_class("-narrow") or self.has_class("-tiny")
        view: View = self._flipped if narrow else "both"
        if self.sides.view != view:
            self.sides.look(view)
        for place, own in enumerate(("a", "b")):
            seen = view in {"both", own}
            self._tops[place].display = seen
            self._numbers[place].display = seen

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Dim what can be done with a comparison only."""
        if action in {"split", "lock", "align", "swap", "write", "flip"}:
            return self.sides.display
        if action in {"mark", "runs"}:
            return self.list.display == (action == "mark")
        return True

    def action_split(self, by: int) -> None:
        """Go to the next place where they begin to differ, or the one before."""
        places, at = splits(self._pairs), self.sides.cursor
        ways = [place for place in places if (place > at if by > 0 else place < at)]
        if ways:
            self.sides.point(ways[0] if by > 0 else ways[-1])
        else:
            self.flash("They do not part again that way." if places else "They are the same.")

    def action_lock(self) -> None:
        """Scroll both sides together, or move the second one against the first."""
        self.sides.locked = not self.sides.locked
        if self.sides.locked:
            self._shift = 0
            self._lay()
        else:
            self.flash("Unlocked: up and down move B against A. L locks again.")
            self._state()

    @on(SideBySide.Pushed)
    def _push(self, event: SideBySide.Pushed) -> None:
        self._shift += event.by
        self._lay()

    def action_align(self) -> None:
        """Align by something else."""
        self._by = BY[(BY.index(self._by) + 1) % len(BY)]
        self._lay()
        self.flash(f"Aligned by {self._by}.")

    def action_swap(self) -> None:
        """Make A of B, and B of A."""
        if self.folders is not None:
            first, second = self.folders
            self.place, self.folders = Compared(second, first), (second, first)
            self.action_read()

    def action_flip(self) -> None:
        """Show the other side, where only one has room."""
        self._flipped = "b" if self._flipped == "a" else "a"
        self._look()

    def action_write(self) -> None:
        """Write a report beside the runs."""
        found = self._found
        assert found is not None

        def work() -> None:
            try:
                self.post_message(self.Said(f"Written: {write_report(found)}"))
            except (BackroomsError, OSError) as error:
                self.post_message(self.Said(str(error), failed=True))

        self.run_worker(work, name="report", group="report", thread=True, exclusive=True)

    @on(Said)
    def _say(self, event: Said) -> None:
        self.flash(event.words, "bad" if event.failed else "good")

    def action_out(self) -> None:
        """Stop reading; else go to the view from which the reader came."""
        if self.is_at("compare"):
            self.workers.cancel_group(self, "compare")
        else:
            self._backrooms.call_later(self._backrooms.action_travel, -1)

    @on(SideBySide.Opened)
    def _open_turn(self, event: SideBySide.Opened) -> None:
        if self.folders is not None:
            self.go(Replayed(self.folders[event.side], turn=event.part.turn))


def _nearest(of: Sequence[Pair], before: Pair | None) -> int:
    """The pair that holds what was in sight; the first if nothing was."""
    for at, pair in enumerate(of if before is not None else ()):
        assert before is not None
        if pair.a == before.a if before.a is not None else pair.b == before.b:
            return at
    return 0


def _given(found: Comparison) -> Iterator[Text]:
    """What the two were given otherwise: the keys that differ."""
    setup = found.found.setup
    for unlike in setup[:_GIVEN]:
        a, b = (clause(value)[:60] or "(nothing)" for value in unlike.values)
        yield Text.assemble((f"{clause(unlike.where)}  ", "bold"), f"{a}  |  {b}")
    if len(setup) > _GIVEN:
        yield Text(f"and {len(setup) - _GIVEN:,} more places: w writes all of them", "dim")
