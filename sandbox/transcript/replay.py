"""A run played again: which events have been, when the next one is due; no time and no waiting in it.

Whoever shows a run owns a ``ReplayClock``, tells it how much time has passed, shows the events that
it gets for it, and sleeps until the next one is due (or somebody touches a key)::

    clock = ReplayClock(log, speed=4)
    clock.play()
    while clock.playing and not clock.at_end:
        wait(clock.due_in)
        for event in clock.advance(seconds_since_the_last_call):
            show(event)

Where rooms, members and totals stand at a position is told by ``sandbox.engine.scene.Scene``.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Final

from sandbox.transcript.event import Event
from sandbox.transcript.pacing import CAP, pause
from sandbox.transcript.replay_log import Log

__all__ = ["SPEEDS", "ReplayClock"]

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, math.inf)
"""Where ``faster`` and ``slower`` stop; the last one waits for nothing."""

MOST: Final = 1000
"""Events given at a time: at the greatest speed a screen still gets its turn."""

_GRAIN: Final = 1e-6
"""Seconds. The record knows no smaller ones, and sums of floats may lack as much."""


class ReplayClock:
    """A position in a run, and how it moves. Paused at the beginning at first.

    ``position`` counts the events that have been shown: ``log[position]`` is the next one, and its
    ``seq`` is ``position + 1``. Between two events pass the seconds of ``gap``, which depend on the
    log and on ``cap`` alone, so the same position is the same moment of the replay however it was
    reached. Nothing here looks at more of the log than it plays: a run of a million events opens as
    fast as one of ten.

    The log may grow meanwhile. Once everything in it has been shown, the clock is ``live``: what is
    written from then on is due at once. Moving away or pausing ends that.

    Args:
        log: the run.
        speed: times as fast as the record; any number above 0, infinite for no wait at all.
        cap: seconds that a longer silence is cut to.
    """

    def __init__(self, log: Log, *, speed: float = 1.0, cap: float = CAP) -> None:
        self.log = log
        self.cap = cap
        self.speed = speed
        self._position = 0
        self._playing = False
        self._live = False
        self._waited = 0.0
        """Seconds of replay since the last shown event."""

    # Time

    def advance(self, seconds: float, most: int = MOST) -> list[Event]:
        """Let time pass, and get the events that are due now, in order.

        Args:
            seconds: of real time since the last call.
            most: events to be given now; the others stay due.
        """
        if not self._playing:
            return []
        first, last = self._position, len(self.log)
        to = min(last, first + most)
        if self._live or math.isinf(self.speed):
            self._position = max(first, to)
        else:
            self._waited += seconds * self.speed
            while (
                self._position < to and (gap := self.gap(self._position)) <= self._waited + _GRAIN
            ):
                self._waited = max(0.0, self._waited - gap)
                self._position += 1
        if self._position == last:
            self._live, self._waited = True, 0.0
        return [self.log[index] for index in range(first, self._position)]

    @property
    def due_in(self) -> float | None:
        """Seconds of real time until the next event is due; None while paused or at the end."""
        if not self._playing or self.at_end:
            return None
        if self._live or math.isinf(self.speed):
            return 0.0
        return max(0.0, self.gap(self._position) - self._waited) / self.speed

    def gap(self, index: int) -> float:
        """The seconds of replay, at speed 1, between an event and the one before it."""
        if index == 0:
            return 0.0
        log = self.log
        return pause(log.moment(index - 1), log.moment(index), log[index], self.cap)

    # Playing

    @property
    def playing(self) -> bool:
        """Whether time moves it on."""
        return self._playing

    @property
    def live(self) -> bool:
        """Whether all that was written has been shown, so that news is due at once."""
        return self._live

    def play(self) -> None:
        """Move on with time."""
        self._playing, self._live = True, self.at_end

    def pause(self) -> None:
        """Stay where it is; the part of a silence that has passed is not waited for again."""
        self._playing = self._live = False

    def faster(self) -> None:
        """Take the next greater of ``SPEEDS``."""
        self.speed = next((speed for speed in SPEEDS if speed > self.speed), SPEEDS[-1])

    def slower(self) -> None:
        """Take the next smaller of ``SPEEDS``."""
        self.speed = next((speed for speed in reversed(SPEEDS) if speed < self.speed), SPEEDS[0])

    # Moving

    def seek(self, position: int) -> None:
        """Go to where ``log[position]`` is the next event, due at once; kept within the run."""
        self._move(position)
        if not self.at_end:
            self._waited = self.gap(self._position)

    def step(self, events: int = 1) -> None:
        """Show so many events more; less, if the number is negative."""
        self._move(self._position + events)

    def step_turn(self, turns: int = 1) -> None:
        """Go to the beginning of the next turn, of the one before, or of one further away.

        From the end, the turn before is the last one.
        """
        at = self._position
        for _ in range(turns):
            at = self._turn_after(at)
        for _ in range(-turns):
            at = self._turn_before(at)
        self.seek(at)

    def seek_turn(self, turn: int) -> None:
        """Go to the beginning of a turn; 0 is the beginning of the run."""
        self.seek(self.log.turn_start(turn))

    def seek_moment(self, moment: float) -> None:
        """Go to the first event that happened at this moment, in Unix seconds, or later."""
        self.seek(self.log.since(moment))

    def seek_percent(self, percent: float) -> None:
        """Go to where so much of the run's events have been shown."""
        self.seek(int(len(self.log) * percent / 100))

    def seek_seq(self, seq: int) -> None:
        """Go to where the event of this ``seq`` is the next one."""
        self.seek(seq - 1)

    def seek_flag(self, number: int) -> bool:
        """Go behind a flag, counted from 1, and pause there: it has just been raised.

        Returns:
            Whether there is one; the clock does not move if not.
        """
        flags = self.log.flags()
        if not 1 <= number <= len(flags):
            return False
        self.pause()
        self._move(flags[number - 1] + 1)
        return True

    def next_flag(self) -> bool:
        """Go behind the next flag; False if there is none, as in ``seek_flag``."""
        return self.seek_flag(bisect_left(self.log.flags(), self._position) + 1)

    def previous_flag(self) -> bool:
        """Go behind the last flag before the one that was shown last; False if there is none."""
        return self.seek_flag(bisect_left(self.log.flags(), self._position - 1))

    def end(self) -> None:
        """Go behind the last event: live, if the run is still written and the clock plays."""
        self._move(len(self.log))

    def _move(self, position: int) -> None:
        self._position = min(max(position, 0), len(self.log))
        self._waited = 0.0
        self._live = self._playing and self.at_end

    def _turn_after(self, at: int) -> int:
        log = self.log
        return log.turn_start(log.turn(at) + 1) if at < len(log) else at

    def _turn_before(self, at: int) -> int:
        log = self.log
        begin = log.turn_start(log.turn(at)) if at < len(log) else len(log)
        return log.turn_start(log.turn(begin - 1)) if begin else 0

    # Where it is

    @property
    def position(self) -> int:
        """How many events have been shown; the ``seq`` of the last one."""
        return self._position

    @property
    def at_end(self) -> bool:
        """Whether all that is written has been shown."""
        return self._position >= len(self.log)

    @property
    def percent(self) -> float:
        """How much of the run has been shown, by its events, 0 to 100."""
        return 100.0 * self._position / len(self.log) if len(self.log) else 0.0

    @property
    def turn(self) -> int:
        """The turn of the next event; at the end, of the last one."""
        if not len(self.log):
            return 0
        return self.log.turn(min(self._position, len(self.log) - 1))

    @property
    def turns(self) -> int:
        """The last turn there is."""
        return self.log.turn(len(self.log) - 1) if len(self.log) else 0

    @property
    def moment(self) -> float | None:
        """When the event happened that was shown last, in Unix seconds; None if not known."""
        return self.log.moment(self._position - 1) if self._position else None
