"""The row below a replay: whether it plays, how fast, and where it is."""

from __future__ import annotations

import math

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from sandbox.console.lines import Span
from sandbox.console.status import duration
from sandbox.transcript.away import Away
from sandbox.transcript.replay import ReplayClock
from sandbox.tui.text.paint import text

__all__ = ["TimeBar", "speed_word", "where"]


def speed_word(speed: float) -> str:
    """Write a speed as people choose it: ``4x``, or ``max``."""
    return "max" if math.isinf(speed) else f"{speed:g}x"


def where(clock: ReplayClock, away: Away, *, narrow: bool = False) -> tuple[Span, ...]:
    """Tell where a clock is, by turn, event, time since the run began, and part of the whole.

    The time is the run's own, whatever gaps are cut, without that in which no engine ran it.
    """
    log = clock.log
    spans = [Span(f"turn {clock.turn:,}/{clock.turns:,}", "title")]
    if not narrow:
        spans.append(Span(f"   event {clock.position:,}/{len(log):,}", "note"))
    begin = log.moment(0) if len(log) else None
    end = log.moment(len(log) - 1) if len(log) else None
    if begin is not None and end is not None:
        at = (clock.moment or begin) - begin - away.until(clock.position)
        spans.append(Span(f"   {duration(at)}/{duration(end - begin - away.seconds)}"))
    spans.append(Span(f"   {clock.percent:.0f}%", "note"))
    gaps = "gaps real" if math.isinf(clock.cap) else f"gaps<={clock.cap:g}s"
    spans.append(Span(f"   {gaps}", "note"))
    return tuple(spans)


class TimeBar(Horizontal):
    """Facts on the left, what is still being read on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._facts = Static(markup=False, classes="facts")
        self._aside = Static(markup=False, classes="aside")
        self._shown: tuple[Span, ...] = ()
        self.away = Away()

    def compose(self) -> ComposeResult:
        yield self._facts
        yield self._aside

    def show(self, clock: ReplayClock) -> None:
        """Say where the clock is; to be called as often as one likes."""
        sign = "> " if clock.playing else "||"
        spans = (
            Span(f" {sign} {speed_word(clock.speed):<5}", "good" if clock.playing else "warning"),
            *where(clock, self.away, narrow=self.screen.has_class("-narrow")),
        )
        if spans != self._shown:
            self._shown = spans
            self._facts.update(text(spans), layout=False)

    def aside(self, words: str) -> None:
        """Say something on the right; empty takes it away."""
        self._aside.update(Text(f" {words} ") if words else "")
