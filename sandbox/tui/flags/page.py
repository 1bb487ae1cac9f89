"""The flags of one run, or of all: read, judged, back-tested, reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.detect.folding import FlagRow
from sandbox.transcript.notes import Verdict
from sandbox.tui.desk import Desk
from sandbox.tui.flags.card import FlagCard
from sandbox.tui.flags.deeds import Deeds, Done, link
from sandbox.tui.flags.flag_row import flag_spans, head_spans
from sandbox.tui.flags.gathered import Gathered
from sandbox.tui.flags.noticed import Key, Noticed
from sandbox.tui.flags.run_score import RunScore
from sandbox.tui.flags.shelf import RunFlags, Shelf
from sandbox.tui.flags.trial import Trial, runs_of, tried
from sandbox.tui.flags.trial_pane import TrialPane
from sandbox.tui.flags.wanted import SEVERITIES, Wanted
from sandbox.tui.flags.whole import Whole, read_whole
from sandbox.tui.page import Page
from sandbox.tui.places import Flagged, Place, Replayed
from sandbox.tui.replay.ask_bar import AskBar, ChoiceBar
from sandbox.tui.room.score import Score
from sandbox.tui.runs.row_list import RowList
from sandbox.tui.titles import literal

__all__ = ["FlagsPage"]

_LOOK: Final = 1.0
"""Seconds between two looks for flags that came in."""

_PAUSE: Final = 0.2
"""Seconds between two layouts of the list while all runs are read for the first time."""

_FILTER: Final = "words  id:  agent:  level:  state:  run:  turn:"


def _key(key: str, action: str, name: str, tooltip: str, id: str, *, show: bool = False) -> Binding:
    return Binding(key, action, name, show=show, tooltip=tooltip, id=f"flags.{id}")


class FlagsPage(Page):
    """The list on the left, the flag at its cursor on the right, and when it all happened below."""

    MODE = "flags"
    CSS_PATH = "flags.tcss"
    ABOUT = (
        "What the watch noticed. !! is something reached or broken, ! something tried, and . words, surveys and"
        " contacts. Verdicts are kept with the notes beside the record, which is not touched."
        f" The filter takes {_FILTER}"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("a", "judge('real')", "Real", "It did happen", "real", show=True),
        _key("x", "judge('false')", "False", "It did not happen", "false", show=True),
        _key("u", "judge('unsure')", "Unsure", "It cannot be told", "unsure", show=True),
        _key("N", "note", "Note", "Write a note with the verdict", "note"),
        _key("m", "mute", "Mute", "Fold this kind away in this run, or show it again", "mute"),
        _key("b", "trial", "Back-test", "Try the detector over runs", "trial", show=True),
        _key("w", "write", "Report", "Write a report of what is shown", "write", show=True),
        _key("r", "replay", "Replay", "Replay the run", "replay"),
        _key("v", "severity", "Level", "Show only higher levels", "severity"),
        _key("slash", "filter", "Filter", f"Filter: {_FILTER}", "filter", show=True),
        _key("O", "unfold", "Unfold", "Unfold storms, or fold them", "unfold"),
        _key("y", "copy", "Copy link", "Copy a link to the flag", "copy"),
        _key("tab", "app.focus_next", "Pane", "Next pane", "pane"),
        _key("escape", "leave", "Back", "Close what is open, or go back", "leave"),
    ]

    @dataclass
    class Read(Message):
        """What is known of one run's flags now; None when all runs were looked at."""

        run: RunFlags | None

    @dataclass
    class Opened(Message):
        """One flag whole."""

        whole: Whole

    @dataclass
    class Counted(Message):
        """How far a back-test has come."""

        trial: Trial

    def __init__(self, desk: Desk, place: Flagged | None = None) -> None:
        super().__init__(desk, place)
        self.folder = None if place is None else place.folder
        self.list: RowList[Noticed] = RowList(self._draw)
        self.list.id = "flags"
        self.card = FlagCard()
        self.trial = TrialPane()
        self.score = RunScore()
        self.bar = AskBar()
        self.choice = ChoiceBar()
        self.gathered = Gathered()
        self.deeds = Deeds(self)
        self.wanted = Wanted()
        self._head = Static(markup=False, id="head")
        self._empty = Static(markup=False, id="empty", classes="empty")
        self._shelf = Shelf(desk.root, self.folder)
        self._seek = None if place is None else place.seq
        self._whole: Whole | None = None
        self._opening: Key | None = None
        self._looked = False
        self._arranged = float("-inf")

    def body(self) -> ComposeResult:
        yield self.bar
        yield self.choice
        with Container(classes="columns"):
            with Vertical(id="left"):
                yield self._head
                yield self.list
                yield self._empty
            with Vertical(id="right"):
                yield self.card
                yield self.trial
        yield self.score

    def on_mount(self) -> None:
        """Read what there is, and look every second for what comes in."""
        self.list.focus()
        self._arrange()
        self.look()
        self.set_interval(_LOOK, self.look, name="look")

    def on_screen_resume(self) -> None:
        """Look at once: a run may have been played meanwhile."""
        if self._looked:
            self.look()

    @property
    def here(self) -> Place:
        flag = self.list.item
        if self.folder is None:
            return "flags"
        return Flagged(self.folder, None if flag is None else flag.row.seq)

    def arrive(self, place: Place) -> bool:
        """Another flag of what is shown is pointed at here."""
        if not isinstance(place, Flagged):
            return place == "flags" and self.folder is None
        if place.folder != self.folder:
            return False
        if place.seq is not None:
            self._seek = place.seq
            self._arrange()
        return True

    # reading -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what is new, unless that is being done."""
        if not self.is_at("look"):
            self.run_worker(self._look, name="look", group="look", thread=True)

    def _look(self) -> None:
        worker = get_current_worker()
        for run in self._shelf.look(lambda: worker.is_cancelled):
            self.post_message(self.Read(run))
        if not self._looked and not worker.is_cancelled:
            self.post_message(self.Read(None))
        self.score.look()

    @on(Read)
    def _take(self, event: Read) -> None:
        if event.run is None:
            self._looked = True
            self._arrange()
            return
        fresh = self.gathered.take(event.run)
        if not self._looked and self.desk.clock.monotonic() < self._arranged + _PAUSE:
            return  # of a thousand runs each would lay the list out anew
        self._arrange()
        if fresh and self._looked:
            self.flash(f"New: {count(fresh, 'flag')} in {event.run.folder.name}.", "warning")

    # the list ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Lay the list out anew; the cursor stays on its flag."""
        self._arranged = self.desk.clock.monotonic()
        before = self.list.item
        flags = self.gathered.shown(self.wanted)
        at = self._cursor(flags, None if before is None else before.key)
        self.list.fill(flags, at)
        self._say(len(flags))
        self.refresh_bindings()

    def _cursor(self, flags: list[Noticed], key: Key | None) -> int:
        if self._seek is not None:
            for at, flag in enumerate(flags):
                if self._seek in flag.row.seqs:
                    self._seek = None
                    return at
        return next((at for at, flag in enumerate(flags) if flag.key == key), 0)

    def _say(self, shown: int) -> None:
        sums = self.gathered.sums
        narrowed = [word for word in (self.wanted.least, clause(self.wanted.typed)) if word]
        title = f"Flags   {' '.join(narrowed)}" if narrowed else "Flags"
        self.query_one("#left").border_title = literal(title)
        self.query_one("#left").border_subtitle = "" if self.gathered.folded else "storms unfolded"
        where = self.folder.name if self.folder is not None else count(sums.runs, "run")
        said = f"{count(sums.flags, 'flag')}  {sums.judged:,} judged  {where}"
        self.heading.say(f"{said}  {sums.fault}" if sums.fault else said)
        if sums.live:
            self.heading.state("* LIVE", "live")
        elif not self._looked:
            self.heading.state("READING", "calm")
        elif sums.fault:
            self.heading.state("NOT WHOLE", "warning")
        else:
            self.heading.state(f"{sums.new:,} NEW" if sums.new else "", "warning")
        self._empty.update(self._nothing() if not shown else "")
        self._empty.display = not shown
        self.list.display = bool(shown)
        self._head.display = bool(shown)
        if shown and self.focused is None:
            self.list.focus()

    def _nothing(self) -> str:
        sums = self.gathered.sums
        if sums.flags:
            return self.wanted.problem or (
                f"None of {count(sums.flags, 'flag')} is shown: the filter or the level leaves them out.\n"
                "esc shows them again"
            )
        if not self._looked:
            return "Reading …"
        if not sums.runs:
            return "No runs yet.\n1 goes to the scenarios; enter there plays one."
        if sums.fault:
            return f"No flag could be read: {clause(sums.fault)}"
        runs = "" if self.folder is not None else f" of {count(sums.runs, 'run')}"
        watched = count(sums.detectors, "detector") if sums.detectors else "Nobody"
        return f"{watched} watched {count(sums.turns, 'turn')}{runs}, nothing flagged."

    def _draw(self, flag: Noticed, width: int) -> list[Span]:
        return flag_spans(flag, width, run=self.folder is None)

    def on_resize(self) -> None:
        """The columns' names move with the columns."""
        self.call_after_refresh(self._name_columns)

    def _name_columns(self) -> None:
        width = self.list.size.width
        self._head.update(head_spans(width, run=self.folder is None)[0].text)

    @on(RowList.Pointed, "#flags")
    def _point(self) -> None:
        self._name_columns()
        flag = self.list.item
        whole = self._whole
        if flag is None or whole is None or (whole.folder.name, whole.seq) != flag.key:
            self._whole = whole = None
        self.card.show(flag, whole, self._peers(flag))
        if flag is None:
            return
        if whole is None:
            self._open(flag)
        self.score.show(flag.folder, flag.row.turn)

    def _peers(self, flag: Noticed | None) -> tuple[FlagRow, ...]:
        return () if flag is None else self.gathered.rows(flag.folder)

    def _open(self, flag: Noticed) -> None:
        folder, seq = flag.folder, flag.row.seq
        if self._opening == flag.key:
            return
        self._opening = flag.key

        def work() -> None:
            self.post_message(self.Opened(read_whole(folder, seq)))

        self.run_worker(work, name="open", group="open", thread=True, exclusive=True)

    @on(Opened)
    def _show(self, event: Opened) -> None:
        flag, self._opening = self.list.item, None
        if flag is not None and flag.key == (event.whole.folder.name, event.whole.seq):
            self._whole = event.whole
            self.card.show(flag, event.whole, self._peers(flag))

    @on(RowList.Chosen, "#flags")
    def _choose(self) -> None:
        if self.has_class("-narrow"):
            self.add_class("-reading")
            self.card.focus()
        elif (flag := self.list.item) is not None:
            self.go(Replayed(flag.folder, seq=flag.row.seq))

    @on(RowList.Chosen, "#card")
    def _follow(self) -> None:
        flag, row = self.list.item, self.card.item
        if flag is not None and row is not None:
            self.go(Replayed(flag.folder, seq=row.seq))

    # the timeline ------------------------------------------------------------------------------

    @on(Score.Seek)
    def _scrub(self, event: Score.Seek) -> None:
        """Point at the flag nearest to a turn."""
        near = [
            (abs(flag.row.turn - event.turn), at)
            for at, flag in enumerate(self.list.items)
            if flag.folder == self.score.folder
        ]
        if near:
            self.list.point(min(near)[1])

    # keys --------------------------------------------------------------------------------------

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Dim what cannot be done without a flag."""
        if action in {"judge", "note", "mute", "trial", "write", "replay", "copy"}:
            return True if self.list.item is not None else None
        return True

    def action_severity(self) -> None:
        """Show only flags from the next level on."""
        at = SEVERITIES.index(self.wanted.least) + 1
        self.wanted = Wanted(self.wanted.typed, SEVERITIES[at % len(SEVERITIES)])
        least = self.wanted.least
        self._arrange()
        self.flash(f"Shown: {least} and what is higher." if least else "All levels are shown.")

    def action_filter(self) -> None:
        """Type what is to be shown."""
        self.bar.ask("filter", self._filter, value=self.wanted.typed, hint=_FILTER)

    def _filter(self, typed: str) -> None:
        self.wanted = Wanted(typed.strip(), self.wanted.least)
        self._arrange()
        if self.wanted.problem:
            self.flash(self.wanted.problem, "warning")

    def action_unfold(self) -> None:
        """Show each flag of a storm, or storms as one row again."""
        self.gathered.folded = not self.gathered.folded
        self._arrange()

    def action_mute(self) -> None:
        """Fold the flags of this kind in this run away, or show them again."""
        flag = self.list.item
        if flag is not None:
            muted = self.gathered.mute(flag)
            self._seek = flag.row.seq
            self._arrange()
            id = flag.row.id
            self.flash(
                f"{id} is muted in this run; m shows it." if muted else f"{id} is shown again."
            )

    def action_judge(self, verdict: Verdict) -> None:
        """Write a verdict down; the text of one's earlier one stays with it."""
        self.deeds.judge(verdict, None)

    def action_note(self) -> None:
        """Write a note with the verdict."""
        self.deeds.note()

    def action_trial(self) -> None:
        """Open the back-test of the detector at the cursor, or close it."""
        flag = self.list.item
        if self.trial.display:
            self._close_trial()
        elif flag is not None:
            if self.has_class("-narrow"):
                self.add_class("-reading")
            self.trial.open(flag.row.id, flag.row.level)

    def _close_trial(self) -> None:
        self.workers.cancel_group(self, "trial")
        self.trial.display = False
        self.remove_class("-reading")
        self.list.focus()

    @on(TrialPane.Asked)
    def _try(self, event: TrialPane.Asked) -> None:
        flag = self.list.item
        if flag is None:
            return
        root, folder = self.desk.root, flag.folder

        def work() -> None:
            worker = get_current_worker()
            folders = runs_of(root, folder, event.scope)
            for trial in tried(event.id, folders, lambda: worker.is_cancelled):
                if worker.is_cancelled:
                    return
                self.post_message(self.Counted(trial))

        self.run_worker(work, name="trial", group="trial", thread=True, exclusive=True)

    @on(Counted)
    def _count(self, event: Counted) -> None:
        self.trial.show(event.trial)

    def action_write(self) -> None:
        """Write a report of the flags that are shown."""
        self.deeds.write()

    def action_replay(self) -> None:
        """Replay the run from its beginning."""
        flag = self.list.item
        if flag is not None:
            self.go(Replayed(flag.folder))

    def action_copy(self) -> None:
        """Copy a command that shows the flag again."""
        flag = self.list.item
        if flag is None:
            return
        words = link(flag.folder, flag.row.seq)
        self.app.copy_to_clipboard(words)
        self.flash(f"Copied: {words}", "good")

    def action_leave(self) -> None:
        """Close what is open; then show all flags again; then go back."""
        if self.trial.display:
            if self.trial.trial is not None and not self.trial.trial.over:
                self.workers.cancel_group(self, "trial")
                self.flash("The back-test was stopped.")
            self._close_trial()
        elif self.has_class("-reading"):
            self.remove_class("-reading")
            self.list.focus()
        elif self.wanted != Wanted():
            self.wanted = Wanted()
            self._arrange()
        elif self.place is not None:
            self.back()

    @on(Done)
    def _finished(self, event: Done) -> None:
        self.flash(event.sentence, "bad" if event.failed else "good")
        self.look()
