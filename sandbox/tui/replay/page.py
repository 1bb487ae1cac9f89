"""A recorded run on the screen: played, stepped, and gone to any place of, as one likes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Semaphore
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.errors import TranscriptError, UsageError
from sandbox.transcript.pacing import CAP
from sandbox.transcript.replay import ReplayClock
from sandbox.tui.desk import Desk
from sandbox.tui.page import Page
from sandbox.tui.places import Inspected, Place, Replayed
from sandbox.tui.replay.ask_bar import AskBar, ChoiceBar
from sandbox.tui.replay.deeds import Deeds, Done
from sandbox.tui.replay.room import ReplayRoom
from sandbox.tui.replay.seeking import WAYS, seek
from sandbox.tui.replay.source import Source
from sandbox.tui.replay.survey import Stretch
from sandbox.tui.replay.time_bar import speed_word
from sandbox.tui.room.roster import Roster
from sandbox.tui.room.score import Score
from sandbox.tui.text.transcript import Transcript

__all__ = ["ReplayPage"]

_TICK: Final = 0.1
"""Seconds between two drawings."""
_POLL: Final = 0.5
"""Seconds between two looks at a record that may grow."""
_AHEAD: Final = 8
"""Stretches read before they are taken in: while the reader is at work, the reading waits."""


def _key(key: str, action: str, name: str, tooltip: str, id: str, *, show: bool = False) -> Binding:
    # First, whatever has the focus: a transcript has some of these keys too, for itself.
    return Binding(key, action, name, show=show, tooltip=tooltip, id=f"replay.{id}", priority=True)


class ReplayPage(Page):
    """The room as of a position: who was where, what was said up to it, and where in the run that is."""

    MODE = "runs"
    CSS_PATH = "replay.tcss"
    ABOUT = (
        "A recorded run, played again. Times are those of the run, though long silences are cut. Going"
        f" to a place (t) takes {WAYS}. Nothing here changes the record."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space", "play", "Play", "Play, or pause", "play", show=True),
        _key("full_stop", "step(1)", "Step", "One event on", "on"),
        _key("comma", "step(-1)", "Step back", "One event back", "back"),
        _key("right", "turns(10)", "10 turns on", "Ten turns on", "turns-on"),
        _key("left", "turns(-10)", "10 turns back", "Ten turns back", "turns-back"),
        _key("J", "turns(1)", "Turn on", "One turn on", "turn-on"),
        _key("K", "turns(-1)", "Turn back", "One turn back", "turn-back"),
        _key("shift+right", "part(10)", "10 % on", "A tenth of the run on", "part-on"),
        _key("shift+left", "part(-10)", "10 % back", "A tenth of the run back", "part-back"),
        _key("right_square_bracket", "mark(1)", "Flag", "Next flag or note", "mark", show=True),
        _key("left_square_bracket", "mark(-1)", "Flag back", "Flag or note before", "mark-back"),
        _key("greater_than_sign", "faster", "Speed", "Faster", "faster", show=True),
        _key("less_than_sign", "slower", "Slower", "Slower", "slower"),
        _key("equals_sign", "speed(1)", "1x", "As fast as it was", "real"),
        _key("i", "gaps", "Gaps", "Cut long silences, or do not", "gaps"),
        _key("t", "go_to", "Go to", f"Go to a place: {WAYS}", "go-to", show=True),
        _key("home", "first", "Beginning", "The beginning of the run", "first"),
        _key("end", "last", "End", "The end; of a growing run, live", "last"),
        _key("F", "fork", "Fork", "Fork the run from here", "fork", show=True),
        _key("c", "compare", "Compare", "With its parent, or another", "compare"),
        _key("o", "inspect", "Inspect", "What the agent saw, here", "inspect"),
        _key("right_curly_bracket", "agent(1)", "Agent", "Next agent", "agent"),
        _key("left_curly_bracket", "agent(-1)", "Agent back", "Agent before", "agent-back"),
        _key("s", "shell", "Shell", "A shell of your own in a copy of its folder", "shell"),
        _key("b", "note", "Note", "Write a note on this event", "note"),
        _key("x", "export", "Export", "Write some turns for others", "export"),
        Binding("y", "copy", "Copy link", show=False, tooltip="Copy a link", id="replay.copy"),
        Binding(
            "escape", "leave", "Back", show=False, tooltip="Back to the runs", id="replay.leave"
        ),
    ]

    @dataclass
    class Surveyed(Message):
        """Some more of the run was read through."""

        first: int
        stretch: Stretch

    def __init__(self, desk: Desk, place: Replayed) -> None:
        super().__init__(desk, place)
        self.folder = place.folder
        self.room = ReplayRoom()
        self.bar = AskBar()
        self.choice = ChoiceBar()
        self.deeds = Deeds(self, place.folder)
        self._asked = place
        self._source: Source | None = None
        self._ahead = Semaphore(_AHEAD)
        self._before = self._polled = desk.clock.monotonic()

    def body(self) -> ComposeResult:
        yield self.room
        yield self.bar
        yield self.choice
        yield self.room.time_bar

    @property
    def clock(self) -> ReplayClock:
        """Where the replay is."""
        return self.room.clock

    # opening -----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the record at its place; all that needs the whole of it comes later."""
        self.room.transcript.focus()
        self.heading.say(self.folder.name)
        try:
            self._source = Source(self.folder)
            self.room.open(self._source)
            self._say_title()
        except TranscriptError as error:
            self.heading.state("CANNOT BE READ", "bad")
            self.room.say(str(error))
            return
        self._arrive(self._asked)
        self._read_through()
        self.set_interval(_TICK, self.tick, name="tick")

    def on_unmount(self) -> None:
        """Let go of the record."""
        if self._source is not None:
            self._source.close()

    @property
    def here(self) -> Place:
        return Replayed(self.folder, seq=self.clock.position)

    def arrive(self, place: Place) -> bool:
        """Another place of the same run is gone to here."""
        if not isinstance(place, Replayed) or place.folder != self.folder:
            return False
        self._arrive(place)
        return True

    def _arrive(self, place: Replayed) -> None:
        if self._source is None:
            return
        clock, seq, turn = self.clock, place.seq, place.turn
        if seq is not None:
            self._seek(lambda: clock.seek(min(seq, len(clock.log))))
            self.room.transcript.to_seq(seq)
        elif turn is not None:
            self._seek(lambda: clock.seek_turn(turn))
        else:
            self._seek(lambda: None)
        if place.cap is not None:
            clock.cap = place.cap
        if place.speed is not None:
            clock.speed = place.speed
            clock.play()
        self.room.place()
        if place.agent is not None:
            self.room.roster.point(place.agent)
            self.action_inspect(place.agent)

    def _say_title(self) -> None:
        if len(self.clock.log):
            title = clause(self.clock.log[0].data.get("title"))
            self.heading.say(f"{title}  {clause(self.folder.name)}")
        else:
            self.heading.state("EMPTY", "warning")
            self.room.say("There is no event in this run yet: there is nothing to play.")

    def _read_through(self) -> None:
        if not self.is_at("survey"):
            self.run_worker(self._survey, name="survey", thread=True)

    def _survey(self) -> None:
        worker, source = get_current_worker(), self._source
        assert source is not None
        source.refresh_beside()
        first = source.survey.reached
        for stretch in source.survey.go_on():
            while not self._ahead.acquire(timeout=_TICK):
                if worker.is_cancelled:
                    return
            if worker.is_cancelled:
                return
            self.post_message(self.Surveyed(first, stretch))
            first = stretch.end

    @on(Surveyed)
    def _take(self, event: Surveyed) -> None:
        self._ahead.release()
        self.room.take(event.first, event.stretch)

    # time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let the time pass that has passed since the last call, and show what is due."""
        now = self.desk.clock.monotonic()
        seconds, self._before = now - self._before, now
        if self._source is None:
            return
        if now - self._polled >= _POLL:
            self._polled = now
            if self._source.refresh():
                self._read_through()
        if self.clock.playing:
            self.room.move(lambda: self.clock.advance(seconds))
            if self.clock.at_end and not self._source.growing:
                self.clock.pause()
                self.flash("End of the run: home begins again, F forks, c compares.")
            self._say()

    def _seek(self, act: Callable[[], object]) -> bool:
        """Go somewhere; what is shown ends there, and the time begins anew. False if there is no such place."""
        self.room.transcript.follow(on=True)
        self._before = self.desk.clock.monotonic()
        try:
            self.room.move(act)
        except UsageError as error:
            self.flash(str(error), "warning")
            return False
        finally:
            self._say()
        return True

    def _say(self) -> None:
        """Say whether it plays."""
        clock, source = self.clock, self._source
        self.room.time_bar.show(clock)
        if source is None or not len(clock.log):
            return
        speed = speed_word(clock.speed)
        if clock.live and source.growing:
            self.heading.state("* LIVE", "live")
        elif clock.playing:
            self.heading.state(f"> {speed}", "live")
        elif clock.at_end:
            self.heading.state("AT THE END", "good")
        else:
            self.heading.state(f"PAUSED {speed}", "warning")

    # keys --------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """The event that is meant: at the cursor of the text, else the one that was shown last."""
        pointed = self.room.transcript.pointed
        return pointed if pointed is not None else self.clock.position

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Keep the keys to themselves while something is typed, or there is nothing to play."""
        if action not in _OWN:
            return True
        if isinstance(self.focused, Input) or self.choice.asking:
            return False
        if action == "fork" and self.room.transcript.filters:
            return False  # its key shows all lines again first
        empty = self._source is None or not len(self.clock.log)
        return None if empty and action != "leave" else True

    def action_play(self) -> None:
        """Play, or pause; at the end begin again."""
        self._before = self.desk.clock.monotonic()
        if self.clock.playing:
            self.clock.pause()
        else:
            if self.clock.at_end and self._source is not None and not self._source.growing:
                self._seek(lambda: self.clock.seek(0))
            self.clock.play()
            self.room.transcript.follow(on=True)
        self._say()

    def action_step(self, events: int) -> None:
        """Show some events more, or fewer, and stay there."""
        self.clock.pause()
        self._seek(lambda: self.clock.step(events))

    def action_turns(self, turns: int) -> None:
        """Go some turns on, or back."""
        self._seek(lambda: self.clock.step_turn(turns))

    def action_part(self, percent: int) -> None:
        """Go a part of the run on, or back."""
        self._seek(
            lambda: self.clock.seek(self.clock.position + len(self.clock.log) * percent // 100)
        )

    def action_mark(self, by: int) -> None:
        """Go right behind the next flag or note, or the one before, and stay there."""
        position = self.clock.position
        to = self.room.marks.after(position) if by > 0 else self.room.marks.before(position)
        if to is None:
            self.flash("There is no flag or note that way.", "warning")
            return
        self.clock.pause()
        self._seek(lambda: self.clock.seek(to))

    def action_faster(self) -> None:
        """Take the next greater speed."""
        self.clock.faster()
        self._say()

    def action_slower(self) -> None:
        """Take the next smaller speed."""
        self.clock.slower()
        self._say()

    def action_speed(self, speed: float) -> None:
        """Play so many times as fast as it was."""
        self.clock.speed = speed
        self._say()

    def action_gaps(self) -> None:
        """Cut long silences, or wait as long as it was."""
        self.clock.cap = CAP if math.isinf(self.clock.cap) else math.inf
        self._say()

    def action_first(self) -> None:
        """Go to the beginning."""
        self._seek(lambda: self.clock.seek(0))

    def action_last(self) -> None:
        """Go to the end; a run that is still written is followed from there on."""
        self._seek(self.clock.end)
        if self._source is not None and self._source.growing:
            self.clock.play()
        else:
            self.clock.pause()
        self._say()

    def action_go_to(self) -> None:
        """Type a place to go to."""
        self._ask_place("")

    def _ask_place(self, typed: str) -> None:
        self.bar.ask("go to", self._go_to, value=typed, hint=WAYS)

    def _go_to(self, typed: str) -> None:
        if not typed.strip():
            return
        notes, away = self.room.marks.notes, self.room.time_bar.away
        there = self._seek(lambda: seek(self.clock, typed, notes, self._next_of, away))
        if not there:
            self._ask_place(typed)

    def _next_of(self, agent: str) -> int | None:
        return None if self._source is None else self._source.next_turn(agent, self.clock.position)

    @on(Score.Seek)
    def _scrub(self, event: Score.Seek) -> None:
        self._seek(lambda: self.clock.seek_turn(event.turn))

    def action_agent(self, by: int) -> None:
        """Look at another agent."""
        self.room.roster.action_move(by)

    @on(Roster.Pointed)
    def _point(self) -> None:
        self.room.place()

    @on(Roster.Opened)
    def _opened(self, event: Roster.Opened) -> None:
        self.action_inspect(event.agent)

    def action_inspect(self, agent: str = "") -> None:
        """See what an agent saw, as of here."""
        name = agent or self.room.roster.agent
        if name:
            self.clock.pause()
            self.go(Inspected(self.clock.log, name, self.clock.position, self.folder))

    def action_fork(self) -> None:
        """Fork the run from here."""
        self.clock.pause()
        self.deeds.fork()

    def action_compare(self) -> None:
        """Compare the run with its parent, or another."""
        self.deeds.compare()

    def action_shell(self) -> None:
        """Open a shell of one's own in the agent's folder, as it was here."""
        self.deeds.shell()

    def action_note(self) -> None:
        """Write a note."""
        self.deeds.note()

    def action_copy(self) -> None:
        """Copy a link to exactly here."""
        self.deeds.copy(self.clock.position)

    @on(Transcript.Linked)
    def _link(self, event: Transcript.Linked) -> None:
        self.deeds.copy(event.seq)

    @on(Transcript.Copied)
    def _copied(self, event: Transcript.Copied) -> None:
        self.flash(f"Copied: {count(event.lines, 'line')}.", "good")

    def action_export(self) -> None:
        """Write some turns for others."""
        self.deeds.export()

    def action_leave(self) -> None:
        """Go back to where this page was opened from."""
        self.back()

    @on(Done)
    def _finished(self, event: Done) -> None:
        if event.sentence:
            self.flash(event.sentence, "bad" if event.failed else "good")
        if event.noted:
            self.room.read_notes()
        if event.place is not None:
            self.go(event.place)


_OWN: Final = frozenset(
    binding.action.partition("(")[0]
    for binding in ReplayPage.BINDINGS
    if isinstance(binding, Binding)
)
"""What this page's keys do; they come before those of what has the focus."""
