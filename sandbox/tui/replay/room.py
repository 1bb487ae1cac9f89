"""The room as of a position of a run: who was where, what was said up to it, and where in the run that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.errors import Damaged
from sandbox.transcript.pacing import moment
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_log import ListLog
from sandbox.tui.replay.agent_pane import AgentPane
from sandbox.tui.replay.marks import Marks
from sandbox.tui.replay.shown import Shown
from sandbox.tui.replay.source import Source
from sandbox.tui.replay.standing import Standing
from sandbox.tui.replay.survey import Stretch
from sandbox.tui.replay.time_bar import TimeBar
from sandbox.tui.room.roster import Roster
from sandbox.tui.room.score import Score
from sandbox.tui.room.score_model import ScoreModel
from sandbox.tui.text.transcript import Transcript

__all__ = ["ReplayRoom"]

_AMID: Final = 100
"""Events of an open turn that are looked at to tell what everybody is doing."""

_HINT: Final = """\
Nothing was played yet.

space plays   . one event   J one turn
] to the next flag   t to any place   end to the end"""


class ReplayRoom(Vertical):
    """Shows a run wherever its clock is; whoever moves the clock does so by ``move``."""

    def __init__(self) -> None:
        super().__init__()
        self.score_model = ScoreModel()
        self.transcript = Transcript()
        self.roster = Roster(self.score_model)
        self.score = Score(self.score_model)
        self.pane = AgentPane()
        self.time_bar = TimeBar()
        """Stands on the page, below what is asked there: small news covers the last row."""
        self.clock = ReplayClock(ListLog())
        self.marks = Marks()
        self._fault = Static(markup=False, id="fault")
        self._hint = Static(_HINT, markup=False, classes="hint")
        self._said = ""
        self._source: Source | None = None
        self._shown: Shown | None = None
        self._standing: Standing | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="room"):
            yield self.roster
            with Container(classes="middle"):
                yield self.transcript
                yield self._hint
            yield self.pane
        yield self._fault
        yield self.score

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.transcript.border_title = "Room"
        self._hint.display = False

    def open(self, source: Source) -> None:
        """Show this run, from its beginning."""
        self._source = source
        self.clock = ReplayClock(source.log)
        self._shown = Shown(self.transcript, source.log)
        self._standing = Standing(source.log, source.survey)
        self.read_notes()

    def move(self, act: Callable[[], object]) -> None:
        """Move the clock, and show where it is then, as far as it can be read."""
        clock, shown = self.clock, self._shown
        if shown is None:
            return
        try:
            act()
            shown.move(clock.position)
        except Damaged:
            clock.pause()
            clock.seek(min(clock.position, len(clock.log)))
            shown.move(clock.position)
        self.place()

    def place(self) -> None:
        """Show who was where at the position."""
        clock, standing = self.clock, self._standing
        if standing is None:
            return
        known = standing.move(clock.position)
        if known:
            self.roster.show(standing.state, clock.position)
            self._amid()
        self._hint.display = not clock.position and bool(len(clock.log))
        self.score.place(clock.turn)
        state = standing.state if known else None
        self.pane.show(self.roster.agent, state, clock.log, clock.position)
        self.time_bar.show(clock)
        if self._source is not None and len(clock.log):
            self.say(self._source.fault)

    def _amid(self) -> None:
        """Tell what everybody does amid a turn: a state knows no more than who has the floor."""
        clock = self.clock
        begin = clock.log.turn_start(clock.log.turn(clock.position - 1)) if clock.position else 0
        for index in range(max(begin, clock.position - _AMID), clock.position):
            self.roster.doings.take(clock.log[index])
        self.roster.tick()

    def take(self, first: int, stretch: Stretch) -> None:
        """Take in a part of the run that was read through; ``first`` is the index of its first event."""
        for event in stretch.events:
            self.score_model.take(event)
            self.time_bar.away.take(event.seq, event.kind, moment(event))
        self.marks.take(first, stretch.events)
        if self._shown is not None and stretch.cues:
            self._shown.learn(stretch.cues)
        whole = len(self.clock.log)
        if stretch.end < whole:
            self.time_bar.aside(f"reading {100 * stretch.end // whole}%")
        else:
            self.time_bar.aside("")
            self._set_notes()
            self.score.tick()
        self.place()

    def read_notes(self) -> None:
        """Read the notes on the run anew."""
        if self._source is not None:
            self.marks.read(self._source.folder)
            self._set_notes()
            self.score.tick()

    def _set_notes(self) -> None:
        log = self.clock.log
        self.score_model.set_notes(log.turn(note) for note in self.marks.notes if note < len(log))

    def say(self, why: str) -> None:
        """Say what is wrong with the record; empty if nothing is."""
        if why != self._said:
            self._said = why
            self._fault.update(clause(why))
            self._fault.display = bool(why)

    @on(Transcript.Earlier)
    def _earlier(self) -> None:
        if self._shown is not None:
            self._shown.earlier()
