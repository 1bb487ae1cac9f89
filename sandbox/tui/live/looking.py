"""The reader's keys of a live run: hold the view, go to flags, write notes, open an agent, copy a link."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from sandbox.commands.seat import author
from sandbox.console.fields import clause
from sandbox.console.lines import Line
from sandbox.errors import BackroomsError, TranscriptError
from sandbox.transcript.notes import Notebook, read_notes
from sandbox.tui.desk import Desk
from sandbox.tui.live.marks import Mark, Marks
from sandbox.tui.live.operating import Operating
from sandbox.tui.live.own_shell import own_shell
from sandbox.tui.live.teller import Teller
from sandbox.tui.places import Inspected, Place
from sandbox.tui.room import Roster, Score, ScoreModel
from sandbox.tui.text.transcript import Transcript
from sandbox.tui.titles import literal

__all__ = ["READER", "Looking"]

READER: Final = frozenset(
    {"freeze", "follow", "mark", "agent", "room", "note", "inspect", "shell", "link"}
)
"""Actions that need a run to look at."""

_SLICE: Final = 500
"""Events told at a time when a room is told anew."""


class RoomTranscript(Transcript):
    """The transcript of a live run, in which ``o`` opens the agent at the cursor of the roster."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "screen.inspect", "Inspect", show=False, id="live.inspect-there"),
    ]

    def action_copy(self) -> None:
        """Copy what is chosen, or a link; where nothing is pointed at, one to the end."""
        chosen = self.sheet.mark is not None or self.screen.get_selected_text()
        if self.pointed is None and not chosen:
            self.post_message(self.Linked(0))
        else:
            super().action_copy()


class Looking(Operating):
    """A page with a transcript to move about in; who inherits feeds it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "freeze", "Freeze", tooltip="Hold the view; the run goes on", id="live.freeze"),
        Binding("G", "follow", "Follow", show=False, tooltip="To the end", id="live.follow"),
        Binding("o", "inspect", "Inspect", tooltip="All there is of this agent", id="live.inspect"),
        Binding("exclamation_mark", "mark", "Flag", tooltip="To the next flag", id="live.flag"),
        Binding(
            "right_square_bracket", "mark", "Next mark",
            show=False, tooltip="To the next flag or note", id="live.mark-next",
        ),
        Binding(
            "left_square_bracket", "mark(True)", "Mark before",
            show=False, tooltip="To the flag or note before", id="live.mark-before",
        ),
        Binding(
            "right_curly_bracket", "agent(1)", "Next agent",
            show=False, tooltip="Cursor to the next agent", id="live.agent-next",
        ),
        Binding(
            "left_curly_bracket", "agent(-1)", "Agent before",
            show=False, tooltip="Cursor to the agent before", id="live.agent-before",
        ),
        Binding("b", "note", "Note", show=False, tooltip="A note on this event", id="live.note"),
        Binding("s", "shell", "Shell", show=False, tooltip="A shell of your own", id="live.shell"),
        Binding("r", "room", "Room", show=False, tooltip="One room, or all", id="live.room"),
        Binding("y", "link", "Link", show=False, tooltip="Copy how to come back", id="live.link"),
    ]  # fmt: skip

    def __init__(self, desk: Desk, place: Place | None) -> None:
        self.score_model = ScoreModel()
        super().__init__(desk, place, Roster(self.score_model))
        self.score = Score(self.score_model)
        self.transcript = RoomTranscript()
        self.marks = Marks()
        self.teller = Teller()
        self.new: list[Line] = []
        """Lines that wait to be shown."""
        self.position = 0
        """The last event that has come."""
        self.frozen = False
        self.refilling = False
        """The transcript is told anew; what comes waits in the record."""

    def redraw(self) -> None:
        """Draw what has come."""

    def action_freeze(self) -> None:
        """Hold what is seen, or show what has come."""
        self.frozen = not self.frozen
        self.transcript.follow(on=not self.frozen)
        self.redraw()

    def action_follow(self) -> None:
        """Go to the end, and stay there."""
        self.frozen = False
        self.transcript.follow(on=True)
        self.redraw()

    def action_agent(self, by: int) -> None:
        """Move the cursor over the agents."""
        self.roster.action_move(by)

    def action_mark(self, back: bool = False) -> None:  # noqa: FBT001, FBT002  # an action's argument
        """Go to the next flag or note, or to the one before."""
        here = self.transcript.pointed
        found = self.marks.beside(self.position + 1 if here is None else here, back=back)
        if found is None and here is None:
            found = self.marks.beside(0, back=False)
        if found is None:
            self.flash(
                "there is no flag or note before this" if back else "there is none after this"
            )
            return
        mark, number, count = found
        self.transcript.to_seq(mark.seq)
        self.flash(f"{number} of {count}   {mark.text}", "warning")

    def action_note(self) -> None:
        """Ask for a note on the event at the cursor, or on the last one."""
        seq = self.transcript.pointed or self.position
        if self.session is None or self.session.folder is None:
            self.flash("notes lie beside the record, which is on another machine", "bad")
        elif seq:
            turn = self.marks.turn_of(seq)
            self._ask(
                f"note on event {seq}, turn {turn}",
                lambda said: self._write_note(seq, said),
                hint="kept beside the record",
            )

    def _write_note(self, seq: int, said: str) -> None:
        assert self.session is not None
        assert self.session.folder is not None
        try:
            Notebook(self.session.folder, author(), self.desk.clock).add(seq, said)
        except BackroomsError as error:
            self.flash(str(error), "bad")
            return
        self.flash(f"noted on event {seq}", "good")
        self.read_notes()

    def read_notes(self) -> None:
        """Mark what people have noted on this run."""
        if self.session is not None and self.session.folder is not None:
            notes = read_notes(self.session.folder).notes
            self.marks.set_notes(Mark(note.seq, f"note: {clause(note.text)}") for note in notes)
            self.score_model.set_notes(max(1, self.marks.turn_of(note.seq)) for note in notes)

    def action_inspect(self) -> None:
        """Open all there is of the agent at the cursor."""
        agent, session = self.roster.agent, self.session
        if session is None or not agent:
            return
        try:
            log = session.log()
        except TranscriptError as error:
            self.flash(str(error), "bad")
            return
        position = min(self.transcript.pointed or self.position, len(log))
        live = session.run if self.alive else None
        ask = session.ask if live else None
        self.go(Inspected(log, agent, position, session.folder, live, ask))

    def action_shell(self) -> None:
        """Open a shell of one's own in a copy of this agent's folder."""
        folder, agent = (None if self.session is None else self.session.folder), self.roster.agent
        if folder is not None and agent:
            self.run_worker(self._shell(folder, agent), name="shell", group="shell", exclusive=True)

    async def _shell(self, folder: Path, agent: str) -> None:
        try:
            self.flash(await own_shell(self.app, folder, agent))
        except BackroomsError as error:
            self.flash(str(error), "bad")

    def action_link(self) -> None:
        """Copy the command that reopens exactly here."""
        self._link_to(self.transcript.pointed or self.position)

    @on(Transcript.Linked)
    def _linked(self, event: Transcript.Linked) -> None:
        self._link_to(event.seq or self.position)

    def _link_to(self, seq: int) -> None:
        if self.session is not None and self.session.run:
            turn = self.marks.turn_of(seq)
            command = f"backrooms replay {self.session.run}" + (f" --turn {turn}" if turn else "")
            self.app.copy_to_clipboard(command)
            self.flash(f"copied: {command}", "good")

    def action_room(self) -> None:
        """Show the next room alone; behind the last, all of them."""
        rooms: list[str | None] = [None, *self.state.rooms]
        at = rooms.index(self.room) if self.room in rooms else 0
        self.room = rooms[(at + 1) % len(rooms)]
        self.run_worker(self._refill(), name="refill", group="refill", exclusive=True)

    async def _refill(self) -> None:
        """Tell the run anew, of another room."""
        if self.session is None:
            return
        self.refilling = True
        teller = Teller(self.room)
        try:
            log = self.session.log()
            self.new.clear()
            self.transcript.clear()
            done = 0
            while done < self.position:
                log.refresh()
                lines: list[Line] = []
                for index in range(done, min(done + _SLICE, self.position, len(log))):
                    lines += teller.tell(log[index])
                    done += 1
                self.transcript.append(lines)
                await asyncio.sleep(0)
        except TranscriptError as error:
            self.flash(str(error), "bad")
        self.teller, self.refilling = teller, False
        self.state = teller.state
        where = "All rooms" if self.room is None else f"Room {self.room}"
        self.transcript.border_title = literal(where)

    def focus_first(self) -> None:
        self.transcript.focus()

    @on(Roster.Opened)
    def _inspect(self) -> None:
        self.action_inspect()

    @on(Score.Seek)
    def _seek(self, event: Score.Seek) -> None:
        seq = self.marks.start_of(event.turn)
        if seq is not None:
            self.transcript.to_seq(seq)
