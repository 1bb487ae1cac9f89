"""A run as it is played."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Protocol, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState

from sandbox.clock import Clock
from sandbox.console.fields import clause
from sandbox.console.lines import Line, Span
from sandbox.console.narrator import Narrator
from sandbox.console.status import Status, duration
from sandbox.engine.plan import Plan, Played
from sandbox.errors import BackroomsError
from sandbox.transcript.event import Event
from sandbox.tui.heading import Heading, Tone
from sandbox.tui.outcome import Outcome
from sandbox.tui.page import Page
from sandbox.tui.status_line import StatusLine
from sandbox.tui.transcript import MAX_LINES, Transcript

__all__ = ["LivePage", "Phase", "Player"]

_REDRAW: Final = 0.1
"""Seconds between two drawings: one per event takes four times the processor and the bytes."""

Phase: TypeAlias = Literal["preparing", "live", "stopping", "ended", "failed"]

_TONES: Final[dict[Phase, Tone]] = {
    "preparing": "warning",
    "live": "live",
    "stopping": "warning",
    "ended": "good",
    "failed": "bad",
}


class Player(Protocol):
    """Plays a plan to its end; ``sandbox.engine.play.play`` is the real one."""

    async def __call__(
        self,
        plan: Plan,
        *,
        observe: Callable[[Event, bytes], None],
        progress: Callable[[str], None],
        stop: asyncio.Event,
    ) -> Played: ...


class LivePage(Page):
    """Plays one plan from the moment it is shown; it can be left once the run is over."""

    ABOUT = (
        "A run as it is played. Everything is recorded as it happens; stopping ends the run in"
        " order, and its transcript is whole."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stop", "Stop", tooltip="Stop the run in order", id="live.stop"),
        Binding("f", "follow", "Follow", tooltip="Follow the end, or stay", id="live.follow"),
        Binding("escape", "back", "Back", tooltip="Back, once the run is over", id="live.back"),
    ]

    @dataclass
    class Over(Message):
        """The run is over; ``played`` is None where there is no whole record of it."""

        played: Played | None

    def __init__(self, plan: Plan, player: Player, clock: Clock) -> None:
        super().__init__(Heading(plan.scenario.title))
        self.transcript = Transcript()
        self.phase: Phase = "preparing"
        self._plan = plan
        self._player = player
        self._clock = clock
        self._began = clock.monotonic()
        self._status_line = StatusLine()
        self._outcome = Outcome()
        self._narrator = Narrator()
        self._status = Status()
        self._preparing = "Preparing the run."
        self._new: deque[Line] = deque(maxlen=MAX_LINES)
        self._stop = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether there is nothing left to stop."""
        return self.phase in {"ended", "failed"}

    def body(self) -> ComposeResult:
        yield self.transcript
        yield self._status_line
        yield self._outcome

    def on_mount(self) -> None:
        """Begin to play."""
        self._enter("preparing")
        self.transcript.focus()
        for seen in ("following", "unread"):
            self.watch(self.transcript, seen, self._show_view)
        self.set_interval(_REDRAW, self._redraw, name="redraw")
        self._worker = self.run_worker(
            self._player(
                self._plan, observe=self._observe, progress=self._progress, stop=self._stop
            ),
            name="run",
            exit_on_error=False,
        )

    # what the reader does ----------------------------------------------------------------------

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Dim the keys that do nothing now."""
        if (action == "stop" and (self.over or self.phase == "stopping")) or (
            action == "back" and not self.over
        ):
            return None
        return True

    def action_stop(self) -> None:
        """End the run in order; while it is being prepared, give it up."""
        if self.phase == "live":
            self._stop.set()
            self._enter("stopping")
        elif self.phase == "preparing":
            self._worker.cancel()
            self._enter("stopping")

    def action_follow(self) -> None:
        """Stay at the end, or stay here."""
        self.transcript.follow(on=not self.transcript.following)

    def action_back(self) -> None:
        """Leave the page."""
        _ = self.dismiss()  # a page cannot wait for its own end

    # what the run does -------------------------------------------------------------------------

    def _observe(self, event: Event, raw: bytes) -> None:  # noqa: ARG002  # the player's signature
        """Tell an event at once, so that what waits to be drawn is bounded lines, not events."""
        if self.phase == "preparing":
            self._enter("live")
            self._began = self._clock.monotonic()
        self._status.take(event)
        self._new.extend(self._narrator.narrate(event))

    def _progress(self, sentence: str) -> None:
        self._preparing = clause(sentence)
        self._new.append(Line(0, "engine", "progress", (Span(f" {self._preparing}", "note"),)))

    @on(Worker.StateChanged)
    def _run_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "run" or not event.worker.is_finished:
            return
        self._redraw()
        played: Played | None = None
        match event.state:
            case WorkerState.SUCCESS:
                played = event.worker.result
                assert played is not None
                self._outcome.ended(played)
                self._enter("ended")
            case WorkerState.CANCELLED:
                self._outcome.given_up()
                self._enter("ended")
            case _:
                assert event.worker.error is not None
                self._outcome.failed("\n".join(_sentences(event.worker.error)))
                self._enter("failed")
        self.post_message(self.Over(played))

    # drawing -----------------------------------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.heading.state(phase.upper(), _TONES[phase])
        self.refresh_bindings()

    def _redraw(self) -> None:
        if self._new:
            self.transcript.append(self._new)
            self._new.clear()
        elapsed = self._clock.monotonic() - self._began
        if self.phase == "preparing":
            waited = Span(f" · {duration(elapsed)}", "note")
            self._status_line.facts((Span(f" {self._preparing}"), waited))
        elif not self.over:
            self._status_line.facts(self._status.spans(elapsed))

    def _show_view(self) -> None:
        view = self.transcript
        self._status_line.view(following=view.following, unread=view.unread)


def _sentences(error: BaseException) -> Iterator[str]:
    """What went wrong in plain words; whatever nobody foresaw is raised, for it must not be hidden."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _sentences(part)
    elif isinstance(error, BackroomsError | OSError):
        yield str(error)
    else:
        raise error
