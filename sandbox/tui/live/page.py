"""A run as it is played: who does what, what is said, and the keys to step in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from sandbox.commands.seat import author
from sandbox.console.fields import clause
from sandbox.console.lines import Line, Span
from sandbox.console.status import Status, duration
from sandbox.engine.registry import find_live, live_runs
from sandbox.errors import BackroomsError, NoSuchRun
from sandbox.models.human import Prompt
from sandbox.transcript.away import Away
from sandbox.transcript.event import Event
from sandbox.transcript.pacing import moment
from sandbox.tui.desk import Desk
from sandbox.tui.live.agent_pane import AgentPane
from sandbox.tui.live.banner import Banner
from sandbox.tui.live.cards import Cards, heard, shell
from sandbox.tui.live.isolation import isolation
from sandbox.tui.live.lobby import Lobby
from sandbox.tui.live.looking import READER, Looking
from sandbox.tui.live.operating import OPERATOR
from sandbox.tui.live.outcome import Outcome
from sandbox.tui.live.pace import Pace
from sandbox.tui.live.phase import OVER, Phase, pill
from sandbox.tui.live.runs_list import Live, RunsList
from sandbox.tui.live.seat import Seat
from sandbox.tui.live.session import PlayedSession, Session, WatchedSession
from sandbox.tui.live.speech import Speech
from sandbox.tui.live.status_line import StatusLine
from sandbox.tui.live.words import frozen_words, more_facts, paused_words
from sandbox.tui.places import Place, Played, Watched
from sandbox.tui.room import Roster
from sandbox.tui.text.paint import text

__all__ = ["LivePage"]

_REDRAW: Final = 0.1
"""Seconds between two drawings: one per event takes four times the processor and the bytes."""
_SLOW: Final = 5
"""Drawings between two of what nobody reads ten times a second."""
_LOUD: Final = 20
"""Lines of a tenth of a second from which on they are shown half as often: nobody reads 200 a second."""
_RUN_KEYS: Final = "123456789"
_RECENT: Final = 400
"""Events that the pane beside the room looks back over."""
_ENDS_SPEECH: Final = frozenset({"think.done", "think.failed", "turn.ended", "agent.died"})


class LivePage(Looking):
    """Plays a plan from the moment it is shown, or watches a run; without a place, lists live runs.

    Args:
        desk: what all pages share.
        place: what is played or watched.
        session: the seat at it; made for the place if None.
    """

    MODE = "live"
    CSS_PATH = "live.tcss"
    ABOUT = (
        "A run as it is played. Everything is recorded as it happens. What you do to it is an event of"
        " the record, with your name. Space stops what you see, P stops the run."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, tooltip="Leave the page; the run goes on", id="live.back"),
        Binding("R", "runs", "Other runs", show=False, tooltip="To another run that is played now", id="live.runs"),
    ]  # fmt: skip

    def __init__(
        self,
        desk: Desk,
        place: Played | Watched | None = None,
        session: Session | None = None,
    ) -> None:
        super().__init__(desk, place)
        self.session = session
        self.phase: Phase = "preparing"
        self.speech = Speech()
        self.pane = AgentPane()
        self.seat = Seat(self._seat_asked, desk.clock)
        self.paused_banner, self.frozen_banner = Banner("paused"), Banner("frozen")
        self._status_line, self._outcome = StatusLine(), Outcome()
        self._isolation = Static(markup=False, classes="isolation")
        self._status, self._cards, self._pace = Status(), Cards(), Pace()
        self._thinking: set[str] = set()
        self._recent: deque[Event] = deque(maxlen=_RECENT)
        self._preparing = "Preparing the run."
        resumed = isinstance(place, Played) and place.plan.resume is not None
        self._begins = "run.resumed" if resumed else "run.started"
        self._opened = desk.clock.monotonic()
        self._started: float | None = None
        self._latest: float | None = None
        self._away_time = Away()
        self._named_paused = False
        self._away: float | None = None
        self._drawings = 0

    @property
    def over(self) -> bool:
        """Whether there is nothing left to stop."""
        return self.place is None or self.phase in OVER

    @property
    def alive(self) -> bool:
        return not self.over

    @property
    def stays(self) -> bool:
        return isinstance(self.place, Played)

    @property
    def calls(self) -> bool:
        return self.seat.asking

    def arrive(self, place: Place) -> bool:
        """A run that is played here is not watched on another page; an equal plan is another run."""
        if isinstance(place, Played):
            return place is self.place
        mine = self.session is not None and self.session.mine and self.session.run
        return isinstance(place, Watched) and (place == self.place or place.run == mine)

    def body(self) -> ComposeResult:
        if self.place is None:
            yield Lobby(self._live)
            return
        with Horizontal(classes="room"):
            with Vertical(classes="left"):
                yield self.roster
                yield self._isolation
            with Vertical(classes="middle"):
                yield self.transcript
                yield self.speech
            yield self.pane
        yield self.frozen_banner
        yield self.paused_banner
        yield self.held_list
        yield self._outcome
        yield self.score
        yield self.seat
        yield self.ask_bar
        yield self.choice_bar
        yield self._status_line

    def on_mount(self) -> None:
        """Sit down at the run, or look for some."""
        if self.place is None:
            self.heading.say("live runs on this machine")
            return
        self.transcript.border_title = "All rooms"
        self.transcript.focus()
        for seen in ("following", "unread"):
            self.watch(self.transcript, seen, self._show_view)
        self.set_interval(_REDRAW, self._tick, name="redraw")
        try:
            session = self.session = self.session or self._sit_down()
        except BackroomsError as error:
            self._fail(error)
            return
        self._enter("preparing" if session.mine else "reading")
        self.run_worker(session.follow(self), name="run", exit_on_error=False)

    async def on_unmount(self) -> None:
        """Leave the seat."""
        if self.session is not None:
            await self.session.close()

    def on_screen_resume(self) -> None:
        """Runs may have begun or ended while another page was seen."""
        for lobby in self.query(Lobby):
            lobby.look()

    def _sit_down(self) -> Session:
        if isinstance(self.place, Played):
            return PlayedSession(self.desk, self.place.plan, author())
        assert isinstance(self.place, Watched)
        live = find_live(self.place.run)
        if live is None:
            raise NoSuchRun(
                f"{self.place.run} is not being played, or is another user's. 3 lists what is recorded."
            )
        return WatchedSession(live, author())

    # what the run does -------------------------------------------------------------------------

    def observe(self, event: Event, raw: bytes) -> None:  # noqa: ARG002  # the player's signature
        """Tell an event at once, so that what waits to be drawn is lines, not events."""
        if self.phase == "preparing" and event.kind == self._begins:
            self._enter("live")
        # What is played here comes before its store has set the time.
        self._latest = moment(event) or self.desk.clock.now()
        self._started = self._started or self._latest
        self._away_time.take(event.seq, event.kind, self._latest)
        self.position = event.seq
        self._recent.append(event)
        for part in (self.marks, self.score_model, self.roster, self._status):
            part.take(event)
        now = self.desk.clock.monotonic()
        self._cards.take(event, now)
        self._pace.count(now)
        if event.kind == "think.request":
            self._thinking.add(event.actor)
        elif event.kind in _ENDS_SPEECH:
            self._thinking.discard(event.actor)
            self.speech.done(event.actor)
        elif event.kind in {"run.started", "run.resumed"}:
            lines = isolation(event.data)
            self._isolation.update(Text("\n").join(text(line) for line in lines))
        if not self.refilling:
            self.new += self.teller.tell(event)
            self.state = self.teller.state

    def progress(self, sentence: str) -> None:
        """Say what takes so long."""
        self._preparing = clause(sentence)
        self.new.append(_note(self._preparing))

    def hear(self, agent: str, words: str | None) -> None:
        """Words of an answer, as they come; over a bus they may come behind the whole."""
        if agent in self._thinking:
            self.roster.doings.hear(agent)
            self.speech.hear(agent, words)

    def link(self, lost: str) -> None:
        """The link to the bus is lost, or back."""
        now = self.desk.clock.monotonic()
        if lost:
            if self._away is None:
                self._away = now
                self.new.append(_note(f"out of reach: {clause(lost)}", "warning"))
            return
        if self._away is not None:
            gap = f"back after {duration(now - self._away)}; what was missed comes from the record"
            self.new.append(_note(gap, "good"))
            self._away = None
        if self.phase == "reading":
            self._pace.clear()
            self._enter("live")

    async def answer(self, prompt: Prompt) -> str:
        """Ask the person here for an agent's answer."""
        return await self.seat(prompt)

    def _seat_asked(self, agent: str) -> None:
        self.roster.doings.seat(agent)
        if not self.is_current:
            self.app.bell()
            title = clause(self.session.title) if self.session is not None else ""
            self.notify(f"{title}: {clause(agent)}, your turn. 2 goes there.", markup=False)

    @on(Worker.StateChanged)
    def _run_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "run" or not event.worker.is_finished:
            return
        if event.state is WorkerState.CANCELLED:
            self._outcome.given_up()
            self._enter("ended")
        elif event.state is WorkerState.ERROR:
            assert event.worker.error is not None
            self._fail(event.worker.error)
        elif event.worker.result is None:
            self._outcome.lost(self.session.run if self.session else "", self.position)
            self._enter("lost")
        else:
            self._outcome.ended(event.worker.result, covered=self._backrooms.covered("runs"))
            self._enter("ended")
        self.redraw()

    def _fail(self, error: BaseException) -> None:
        self._outcome.failed("\n".join(_sentences(error)))
        self._enter("failed")

    # what the reader does ----------------------------------------------------------------------

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Hide the keys of a run where there is none to act on, and dim those that do nothing yet."""
        if self.place is None:
            return action not in OPERATOR | READER | {"runs"}
        if action in OPERATOR and self.phase in OVER:
            return False
        if action in OPERATOR:
            ready = {"live", "preparing"} if action == "stop" else {"live"}
            return True if self.phase in ready else None
        return True

    def stop(self) -> None:
        """End the run; while it is being prepared, give it up."""
        if self.session is not None:
            self.run_worker(self._end(self.session), name="act", group="act")

    async def _end(self, session: Session) -> None:
        if self.phase == "preparing":
            session.give_up()
            return
        try:
            answer = await session.ask({"verb": "stop"})
        except BackroomsError as error:
            self.flash(str(error), "bad")
            session.give_up()
        else:
            self.flash(answer.text, "good" if answer.done else "bad")

    def action_back(self) -> None:
        """Leave the page; a run that is played here goes on behind it."""
        if self.over or self.session is None or not self.session.mine:
            self.back()
        else:
            self.go("launch")

    def action_runs(self) -> None:
        """Offer the other runs that are being played."""
        here = "" if self.session is None else self.session.run
        others = [live for live in self._live() if live.run != here][: len(_RUN_KEYS)]
        if not others:
            self.flash("no other run is being played on this machine")
            return
        # Runs of one scenario have one title: the end of the id tells them apart.
        named = {f"{clause(live.title)} {live.run[-4:]}": live.run for live in others}
        keys = dict(zip(_RUN_KEYS, named, strict=False))
        self.choice_bar.offer("To which run?", keys, lambda name: self.go(Watched(named[name])))

    @on(Roster.Pointed)
    def _pointed(self) -> None:
        self._show_pane()

    @on(RunsList.Chosen)
    def _watch(self, event: RunsList.Chosen) -> None:
        self.go(Watched(event.run))

    # drawing -----------------------------------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        if phase == "live":
            self.read_notes()
        elif phase in OVER:
            self.speech.silence()
            if self.held_list.display:
                self.action_held()
        self._show_state()
        self.refresh_bindings()

    def _tick(self) -> None:
        """Draw words at once, and what nobody reads ten times a second less often."""
        self._drawings += 1
        if self._drawings % _SLOW == 0 or self.phase != "live":
            self.redraw()
        elif self._drawings % 2 or len(self.new) < _LOUD:
            self._show_words()

    def redraw(self) -> None:
        self.seat.tick()
        self._show_words()
        if self.frozen:
            return
        self.roster.tick()
        self.score.tick()
        self._show_state()
        self._show_pane()
        if self.held_list.display:
            self.held_list.show(self.state)

    def _show_words(self) -> None:
        if self.new and not self.refilling:
            self.transcript.append(self.new)
            self.new = []
        self.frozen_banner.say(frozen_words(self.transcript.unread) if self.frozen else "")
        if not self.frozen:
            self.speech.tick()

    def _show_state(self) -> None:
        now = self.desk.clock.monotonic()
        away = None if self._away is None else now - self._away
        self.heading.state(*pill(self.phase, self.state, away))
        self.heading.say(self._meters(now))
        self.paused_banner.say(paused_words(self.state) if self.phase == "live" else "")
        if self.state.paused != self._named_paused:
            self._named_paused = self.state.paused
            self.refresh_bindings()  # P has another name
        if self.phase == "preparing":
            waited = Span(f" · {duration(now - self._opened)}", "note")
            self._status_line.facts((Span(f" {self._preparing}"), waited))
        else:
            facts = self._status.spans(self._elapsed)
            self._status_line.facts((*facts, *more_facts(self.state)))

    @property
    def _elapsed(self) -> float:
        until = self._latest if self.phase in OVER else self.desk.clock.now()
        if self._started is None or until is None:
            return 0.0
        return until - self._started - self._away_time.seconds

    def _meters(self, now: float) -> str:
        parts = [clause(self.session.title)] if self.session is not None else []
        if self.phase == "live":
            parts.append(f"{self._pace.rate(now):.0f}/s")
        parts += [f"{self.marks.flags}!"] if self.marks.flags else []
        return "  ".join(parts)

    def _show_pane(self) -> None:
        doing = self.roster.doings.get(self.roster.agent)
        if doing is not None and self.pane.display and not self.frozen:
            facts = self._cards.lines(doing, self.state, self.desk.clock.monotonic())
            told = heard(self._recent, doing.agent, self.state)
            self.pane.show(doing.agent, facts, told, shell(self._recent, doing.agent))

    def _show_view(self) -> None:
        view = self.transcript
        self.frozen = self.frozen and not view.following
        self._status_line.view(following=view.following, unread=view.unread)

    def _live(self) -> Sequence[Live]:
        here = {playing.run for playing in self.desk.alive}
        return [
            Live(live.run, live.title, "played here" if live.run in here else f"process {live.pid}")
            for live in reversed(live_runs())
        ]


def _note(words: str, style: str = "note") -> Line:
    return Line(0, "engine", "progress", (Span(f" {words}", style),))


def _sentences(error: BaseException) -> Iterator[str]:
    """What went wrong in plain words; whatever nobody foresaw is raised, for it must not be hidden."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _sentences(part)
    elif isinstance(error, BackroomsError | OSError):
        yield str(error)
    else:
        raise error
