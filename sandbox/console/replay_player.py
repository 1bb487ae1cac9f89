"""A run played again in a terminal or a pipe: the replay's clock, driven by real time and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

from sandbox.clock import Clock
from sandbox.console.keys import Keys
from sandbox.console.lines import Line, Span
from sandbox.console.outlet import Outlet
from sandbox.console.printer import Printer
from sandbox.errors import UsageError
from sandbox.transcript.event import Event
from sandbox.transcript.replay import MOST, ReplayClock
from sandbox.transcript.replay_place import PLACES, go_to

__all__ = ["ReplayPlayer"]

POLL: Final = 0.2
"""Seconds between two looks at a record that is still written."""

_BEFORE_FLAG: Final = 30
"""Events shown before a flag that was jumped to: those of its turn, at most so many."""

_HINTS: Final = "space pause · ←→ turn · n p flag · g go to · + - speed · q quit"

_FORWARD: Final[Mapping[str, Callable[[ReplayClock], None]]] = {
    "right": lambda clock: clock.step_turn(1),
    ".": lambda clock: clock.step(1),
}
_BACK: Final[Mapping[str, Callable[[ReplayClock], None]]] = {
    "left": lambda clock: clock.step_turn(-1),
    ",": lambda clock: clock.step(-1),
    "home": lambda clock: clock.seek(0),
}
_FLAG: Final = {"n": ReplayClock.next_flag, "p": ReplayClock.previous_flag}
_SPEED: Final = {
    "+": ReplayClock.faster, "=": ReplayClock.faster,
    "-": ReplayClock.slower, "_": ReplayClock.slower,
}  # fmt: skip


class ReplayPlayer:
    """Shows a run as its clock says, until its end or ``q``.

    Args:
        clock: where it is; playing, or paused to be gone through by keys.
        printer: what shows the events.
        time: real time.
        keys: where keys come from, or what only waits.
        out: the terminal whose status line is drawn and where the position is told after a jump; None
            where there is none.
        until: the last turn that is played.
        growing: take note of what was written since; True while the run is still written.
    """

    def __init__(
        self,
        clock: ReplayClock,
        printer: Printer,
        time: Clock,
        keys: Keys,
        *,
        out: TextIO | None = None,
        until: int | None = None,
        growing: Callable[[], bool] = lambda: False,
    ) -> None:
        self._clock = clock
        self._printer = printer
        self._time = time
        self._keys = keys
        self._out = out
        self._until = until
        self._growing = growing
        self._typed: str | None = None
        self._word = ""
        self._quit = False

    def play(self) -> None:
        """Play from the clock's position on."""
        clock = self._clock
        if clock.position:
            self._arrive()
        before = self._time.monotonic()
        while not (self._quit or self._printer.gone):
            growing = self._growing()
            now = self._time.monotonic()
            end = self._end()
            self._show(clock.advance(now - before, min(MOST, max(0, end - clock.position))))
            before = now
            if clock.playing and clock.position >= end and (end < len(clock.log) or not growing):
                return
            self._draw()
            due = clock.due_in
            poll = POLL if growing else None
            for key in self._keys.wait(due if due is not None else poll):
                self._press(key)

    def _end(self) -> int:
        log = self._clock.log
        return len(log) if self._until is None else log.turn_start(self._until + 1)

    # Keys

    def _press(self, key: str) -> None:
        if self._typed is not None and key != "eof":
            self._type(key)
            return
        self._word = ""
        if key in _FORWARD:
            self._forward(_FORWARD[key])
        elif key in _BACK:
            self._back(_BACK[key])
        elif key in _FLAG:
            self._flag(_FLAG[key])
        elif key in _SPEED:
            _SPEED[key](self._clock)
        elif key == "space":
            self._toggle()
        elif key == "end":
            self._last()
        elif key == "g":
            self._typed = ""
        elif key in {"q", "eof"}:
            self._quit = True

    def _type(self, key: str) -> None:
        """Take a key of the place that is typed after ``g``."""
        typed = self._typed or ""
        if key == "enter":
            self._typed = None
            if typed:
                self._go_to(typed)
        elif key == "escape":
            self._typed = None
        elif key == "backspace":
            self._typed = typed[:-1]
        elif len(key) == 1 and len(typed) < 40:
            self._typed = typed + key

    def _go_to(self, place: str) -> None:
        try:
            go_to(self._clock, place)
        except UsageError as error:
            self._word = str(error)
        else:
            self._arrive()

    def _toggle(self) -> None:
        if self._clock.playing:
            self._clock.pause()
        else:
            self._clock.play()

    def _forward(self, move: Callable[[ReplayClock], None]) -> None:
        """Move on, and show what lies between, unless it is too much to be read."""
        before = self._clock.position
        move(self._clock)
        now = self._clock.position
        if now - before > MOST:
            self._arrive()
        else:
            self._show([self._clock.log[index] for index in range(before, now)])

    def _back(self, move: Callable[[ReplayClock], None]) -> None:
        move(self._clock)
        self._arrive()

    def _flag(self, move: Callable[[ReplayClock], bool]) -> None:
        if move(self._clock):
            self._arrive()
        else:
            self._word = "there is no flag that way"

    def _last(self) -> None:
        self._forward(ReplayClock.end)
        if not self._growing():
            self._clock.pause()  # there is nothing more to come: let people look

    # Showing

    def _show(self, events: list[Event]) -> None:
        for event in events:
            self._printer.show(event, b"")

    def _arrive(self) -> None:
        """Say where we are after a jump, and how it came to the flag if it was one to a flag."""
        log, position = self._clock.log, self._clock.position
        self._rule()
        if not len(log):
            return
        last = max(0, position - 1)
        begin = log.turn_start(log.turn(last))
        shown = position
        if position and log[last].kind == "flag":
            shown = max(begin, position - _BEFORE_FLAG)
        for index in (0, *range(max(begin, shown - MOST, 1), shown)):
            # Who takes part, and the open turn's calls: what is told next builds on them.
            self._printer.skip(log[index])
        self._show([log[index] for index in range(shown, position)])

    def _rule(self) -> None:
        if self._out is None:
            return
        from sandbox.console.terminal import draw, terminal  # brings Rich

        self._printer.close()
        console = terminal(self._out)
        line = Line(0, "", "", (Span(self._where(), "note"),), (Span("── ", "note"),), rule=True)
        with Outlet(self._out).guard():
            for row in draw(line, console, console.width):
                console.print(row, soft_wrap=True)

    def _draw(self) -> None:
        if self._out is None:
            return
        if self._typed is not None:
            self._printer.progress(f"go to: {self._typed}_   ({PLACES})")
            return
        clock = self._clock
        doing = "at the end" if clock.at_end else "paused"
        if clock.playing:
            doing = "live" if clock.live else "playing"
        speed = "max" if clock.speed == float("inf") else f"{clock.speed:g}x"
        # News comes first: the row is cut at the terminal's edge.
        parts = [doing, self._word] if self._word else [doing, speed, self._where(), _HINTS]
        self._printer.progress(" · ".join(parts))

    def _where(self) -> str:
        clock = self._clock
        parts = [f"turn {clock.turn:,} of {clock.turns:,}"]
        parts += [f"event {clock.position:,} of {len(clock.log):,}", f"{clock.percent:.0f}%"]
        if clock.moment is not None:
            parts.append(f"{datetime.fromtimestamp(clock.moment, UTC):%H:%M:%S}")
        return " · ".join(parts)
