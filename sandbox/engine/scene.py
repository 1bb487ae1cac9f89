"""Where a run stood at any moment: its state after any number of its events, found quickly."""

from __future__ import annotations

from bisect import bisect_right, insort
from copy import deepcopy
from typing import Final

from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import Log

__all__ = ["Scene", "apply_leniently"]

CHECKPOINTS: Final = 256
"""States kept. Of 100,000 events, the nearest is then at most 800 events away."""

FIRST_STRIDE: Final = 100
"""Events between two checkpoints; doubled whenever there are too many of them."""


class Scene:
    """The states of one run, each the fold of its events from the first one.

    What was passed once is found again from the nearest checkpoint. The log may grow.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._state = State()
        self._position = 0
        self._stride = FIRST_STRIDE
        self._kept: list[int] = []
        self._states: dict[int, State] = {}

    def at(self, position: int) -> State:
        """The state after so many events; to be read only, and until the next call.

        Args:
            position: as in ``ReplayClock``; more than the run has is its end.
        """
        position = min(position, len(self._log))
        self._go_near(position)
        while self._position < position:
            apply_leniently(self._state, self._log[self._position])
            self._position += 1
            if self._position % self._stride == 0:
                self._keep()
        return self._state

    def _go_near(self, position: int) -> None:
        """Take the last checkpoint before a position, unless the present state is nearer."""
        number = bisect_right(self._kept, position)
        near = self._kept[number - 1] if number else 0
        if not near <= self._position <= position:
            self._position = near
            self._state = deepcopy(self._states[near]) if near else State()

    def _keep(self) -> None:
        if self._position in self._states:
            return
        insort(self._kept, self._position)
        self._states[self._position] = deepcopy(self._state)
        if len(self._kept) > CHECKPOINTS:
            self._stride *= 2
            self._kept = [at for at in self._kept if at % self._stride == 0]
            self._states = {at: self._states[at] for at in self._kept}


def apply_leniently(state: State, event: Event) -> bool:
    """Move a state on by one event, whoever wrote it: an import, another version, a hostile hand.

    Returns:
        False if the event does not hold what its kind should; the state has then taken of it what
        could be taken.
    """
    try:
        state.apply(event)
    except (AttributeError, LookupError, TypeError, ValueError):
        return False
    return True
