"""All there is of one agent at one turn: what its model was sent, what it did, its box, its shell."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from sandbox.console.fields import clause
from sandbox.console.lines import Line, Span
from sandbox.errors import BackroomsError, Damaged
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.desk import Desk
from sandbox.tui.heading import Heading
from sandbox.tui.inspector.book import Asked, Book
from sandbox.tui.inspector.gauge import Gauge
from sandbox.tui.inspector.pager import show_in_pager
from sandbox.tui.inspector.panes import Panes, titled
from sandbox.tui.inspector.sent import lines, prove, withheld
from sandbox.tui.live.own_shell import own_shell
from sandbox.tui.page import Page
from sandbox.tui.places import Inspected
from sandbox.tui.text.transcript import Transcript
from sandbox.tui.titles import literal

__all__ = ["InspectorPage"]

_SLICE: Final = 300
"""Events read at a time, so that keys are heard between them."""
_GAUGED: Final = 1.0
"""Seconds between two readings of the box."""
_GROW: Final = 0.5
"""Seconds between two looks at a run that is still played."""


class InspectorPage(Page):
    """Opens over a live run or a replay, at the turn that was looked at there."""

    MODE = "live"
    CSS_PATH = "inspector.tcss"
    ABOUT = (
        "One agent. Left is exactly what its model was sent for this turn, rendered again from the"
        " record and compared with what was noted then. The shell is read-only: `s` opens one of your"
        " own, in a copy of the agent's folder."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "turn(1)", "Next turn", tooltip="To the agent's next turn", id="inspector.next"),
        Binding("k", "turn(-1)", "Turn before", tooltip="To the one before", id="inspector.before"),
        Binding("d", "changed", "Changes", tooltip="Only what is new to it", id="inspector.changed"),
        Binding("right_curly_bracket", "agent(1)", "Next agent", show=False, id="inspector.agent-next"),
        Binding("left_curly_bracket", "agent(-1)", "Agent before", show=False, id="inspector.agent-before"),
        Binding("s", "shell", "Shell", tooltip="A shell of your own in a copy", id="inspector.shell"),
        Binding("p", "pager", "Pager", tooltip="This pane in your pager", id="inspector.pager"),
        Binding("y", "link", "Link", show=False, tooltip="Copy how to come back", id="inspector.link"),
        Binding("tab", "pane(1)", "Pane", tooltip="To the next pane", id="inspector.pane"),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False, id="inspector.pane-before"),
        Binding("escape", "back", "Back", tooltip="Back to the run", id="inspector.back"),
    ]  # fmt: skip

    def __init__(self, desk: Desk, place: Inspected) -> None:
        super().__init__(desk, place)
        self.heading = Heading("live" if place.live else "runs")
        self.inspected = place
        self.view = Panes()
        self.book = self._new_book(place.agent)
        self.gauge = Gauge()
        self.chosen = -1
        """Which of the agent's requests is shown; -1 if there is none."""
        self.only_changes = False
        self.reading = True
        self._follows = True
        """Stay at the newest request, as it comes."""
        self._shown: tuple[int, bool] | None = None

    def body(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        """Begin to read the record."""
        self._begin(self.inspected.agent)
        if self.inspected.ask is not None:
            self.set_interval(_GAUGED, self.look_into_box, name="gauge")

    # reading -----------------------------------------------------------------------------------

    def _new_book(self, agent: str) -> Book:
        folder = self.inspected.folder
        return Book(agent, self.desk.root if folder is None else folder.parent)

    def _begin(self, agent: str) -> None:
        self.book, self.chosen, self._shown = self._new_book(agent), -1, None
        self.gauge = Gauge()
        self._follows = self.reading = True
        self.view.clear()
        titled(self.view.sent, f"What {agent} was sent")
        titled(self.view.did, f"What {agent} said and did")
        titled(self.view.shell, "Shell", "read-only   s opens one of your own")
        self._show()
        self.run_worker(self._read(), name="inspect", group="inspect", exclusive=True)

    async def _read(self) -> None:
        """Read up to where the run stood, and on while it is played."""
        readable = True
        while readable:
            try:
                await self._read_on()
            except Damaged as error:
                self.flash(f"the record can be read up to here: {error}", "bad")
                readable = False
            self.reading = False
            self._show()
            if self.inspected.live is None:
                return
            await asyncio.sleep(_GROW)

    async def _read_on(self) -> None:
        place, book = self.inspected, self.book
        if isinstance(place.log, RecordLog) and place.live is not None:
            place.log.refresh()
        end = len(place.log) if place.live is not None else min(place.position, len(place.log))
        while book.taken < end:
            did: list[Line] = []
            shell: list[Line] = []
            for index in range(book.taken, min(book.taken + _SLICE, end)):
                told, rows = book.take(place.log[index])
                did += told
                shell += rows
            self.view.did.append(did)
            self.view.shell.append(shell)
            if self._follows:
                self.chosen = len(book.asked) - 1
            self._say()
            await asyncio.sleep(0)

    def look_into_box(self) -> None:
        """Read what the box uses, where somebody sees it and nobody is at it."""
        if self.is_current and self.view.box.region.area and not (self.reading or self.book.over):
            self.run_worker(self._gauge(), name="gauge", group="gauge", exclusive=False)

    async def _gauge(self) -> None:
        ask, agent, gauge = self.inspected.ask, self.book.agent, self.gauge
        if ask is None or gauge.asking:
            return
        with gauge.asked():
            try:
                answer = await ask({"verb": "stats", "agent": agent})
            except BackroomsError as error:
                gauge.miss(str(error))
            else:
                if answer.done:
                    gauge.take(answer.data, self.desk.clock.monotonic())
                else:
                    gauge.miss(answer.text)
        self._show_box()

    # what the reader does ----------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        """Go to another request of this agent."""
        to = self.chosen + by
        if not 0 <= to < len(self.book.asked):
            self.flash("this is the last one" if by > 0 else "this is the first one")
            return
        self.chosen = to
        self._follows = to == len(self.book.asked) - 1
        self._show()
        for pane in (self.view.did, self.view.shell):
            if self._follows:
                pane.follow(on=True)
            else:
                pane.to_seq(self.book.asked[to].seq)

    def action_agent(self, by: int) -> None:
        """Go to another agent of the run."""
        agents = list(self.book.agents)
        if agents:
            at = agents.index(self.book.agent) if self.book.agent in agents else 0
            self._begin(agents[(at + by) % len(agents)])

    def action_changed(self) -> None:
        """Show what is new in the request alone, or all of it."""
        self.only_changes = not self.only_changes
        self._show()

    def action_pane(self, by: int) -> None:
        """Go to the next pane."""
        self.view.step(by)

    def action_shell(self) -> None:
        """Open a shell of one's own."""
        folder = self.inspected.folder
        if folder is None:
            self.flash("the folder of this run is on another machine", "bad")
        elif not self.book.box.kept:
            self.flash(f"nothing of {self.book.agent}'s folder was kept up to here", "warning")
        else:
            self.run_worker(self._visit(folder), name="shell", group="shell", exclusive=True)

    async def _visit(self, folder: Path) -> None:
        turn = None if self._follows and self.inspected.live else self._turn
        try:
            self.flash(await own_shell(self.app, folder, self.book.agent, turn))
        except BackroomsError as error:
            self.flash(str(error), "bad")

    def action_pager(self) -> None:
        """Show this pane in a pager."""
        self.run_worker(self._page(self.view.plain), name="pager", group="shell", exclusive=True)

    async def _page(self, shown: str) -> None:
        if said := await show_in_pager(self.app, shown):
            self.flash(said, "bad")

    @on(Transcript.Linked)
    def action_link(self) -> None:
        """Copy the command that reopens exactly here."""
        run = self.inspected.live or (self.inspected.folder.name if self.inspected.folder else "")
        if run:
            turn = f" --turn {self._turn}" if self._turn else ""
            command = f"backrooms replay {run}{turn} --agent {self.book.agent}"
            self.app.copy_to_clipboard(command)
            self.flash(f"copied: {command}", "good")

    def action_back(self) -> None:
        """Go back to the run."""
        self.back()

    # drawing -----------------------------------------------------------------------------------

    @property
    def _asked(self) -> Asked | None:
        return self.book.asked[self.chosen] if 0 <= self.chosen < len(self.book.asked) else None

    @property
    def _turn(self) -> int | None:
        return None if self._asked is None else self._asked.turn

    def _say(self) -> None:
        book, live = self.book, self.inspected.live
        agents = list(book.agents)
        of = f"  {agents.index(book.agent) + 1} of {len(agents)}" if book.agent in agents else ""
        turn = f"  turn {self._turn:,}" if self._turn else ""
        self.heading.say(f"{book.agent}{of}{turn}")
        if self.reading:
            self.heading.state(f"reading {book.taken:,}", "warning")
        else:
            alive = live and not book.over
            self.heading.state(*(("LIVE", "live") if alive else ("RECORDED", "calm")))

    def _show(self) -> None:
        self._say()
        self._show_box()
        shown = (self.chosen, self.only_changes)
        if shown != self._shown or self._asked is None:
            self._shown = shown
            self._show_sent()

    def _show_box(self) -> None:
        live = [] if self.book.over else self.gauge.rows()
        self.view.show_box([*self._gone(), *self.book.box.rows(live)])

    def _gone(self) -> list[tuple[Span, ...]]:
        if self.inspected.live is not None and not self.book.over:
            return []
        more = (
            "s opens a copy of its folder"
            if self.book.box.kept
            else "nothing of its folder was kept"
        )
        return [
            (
                Span(
                    f"The box is gone; this is the recording. {more[:1].upper()}{more[1:]}.", "note"
                ),
            )
        ]

    def _show_sent(self) -> None:
        pane, asked, agent = self.view.sent, self._asked, self.book.agent
        pane.clear()
        if asked is None:
            why = self.book.fault or (
                "reading the record" if self.reading else f"{agent} was not asked up to here"
            )
            pane.append([Line(0, agent, "none", (Span(f" {clause(why)}", "note"),))])
            return
        before = self.book.asked[self.chosen - 1] if self.chosen else None
        pane.append(lines(asked, before, changed=self.only_changes))
        proof = prove(asked)
        new = "   only what is new" if self.only_changes else ""
        think = asked.exchange.asked.data.get("think")
        titled(pane, f"What {agent} was sent   turn {asked.turn}, think {think}{new}")
        pane.border_subtitle = literal("   ".join(filter(None, (withheld(asked), proof.text))))
        pane.set_class(not proof.good, "broken")
