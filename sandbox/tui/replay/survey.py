"""A run read through once, beside the screen: what a replay has to know of the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.engine.scene import Scene
from sandbox.engine.state import State
from sandbox.errors import Damaged
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import Log
from sandbox.tui.replay.telling import Cues

__all__ = ["Stretch", "Survey"]

_STEP: Final = 500
"""Events read at a time: a state that is asked for meanwhile waits some milliseconds."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events in a row, the index behind them, and the cues among them."""

    events: tuple[Event, ...]
    end: int
    cues: tuple[int, ...]


class Survey:
    """Goes through a log of its own in one thread; another may ask ``near`` meanwhile.

    Args:
        log: nobody else's; the caller makes it grow between two calls of ``go_on``.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._scene = Scene(log)
        self._cues = Cues()
        self._reached = 0

    @property
    def reached(self) -> int:
        """How many events it has gone through."""
        return self._reached

    def go_on(self) -> Iterator[Stretch]:
        """Read what is left, a stretch at a time; ends at the first event that cannot be read."""
        while self._reached < len(self._log):
            first, events = self._reached, list[Event]()
            end = min(first + _STEP, len(self._log))
            try:
                events += (self._log[index] for index in range(first, end))
            except Damaged:
                end = first + len(events)
            self._scene.at(end)
            self._reached = end
            cues = tuple(i for i, event in enumerate(events, first) if self._cues.take(event))
            yield Stretch(tuple(events), end, cues)
            if end == first:
                return

    def near(self, position: int) -> tuple[int, State]:
        """As ``Scene.near``, of what it has gone through."""
        return self._scene.near(position)
