"""Where a run stood at any moment: its state after any number of its events, found quickly."""

from __future__ import annotations

import pickle
from bisect import bisect_right
from operator import itemgetter
from typing import Final

from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import Log

__all__ = ["Scene", "apply_leniently"]

ROOM: Final = 3 << 20
"""Bytes of states kept. Of 1,000,000 events by four agents, the nearest is then at most 400 events away."""

LEAST: Final = 16
"""States kept however large they are."""

FIRST_STRIDE: Final = 100
"""Events between two checkpoints; doubled whenever these have no room."""


class Scene:
    """The states of one run, each the fold of its events from the first one.

    What was passed once is found again from the nearest checkpoint. The log may grow. One thread folds
    by ``at``; ``near`` may be asked by others meanwhile.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._state = State()
        self._position = 0
        self._stride = FIRST_STRIDE
        # Bytes: as objects, so many states would be most of what the garbage collector goes through.
        self._kept: list[tuple[int, bytes]] = []
        self._size = 0

    def at(self, position: int) -> State:
        """The state after so many events; to be read only, and until the next call.

        Args:
            position: as in ``ReplayClock``; more than the run has is its end.
        """
        position = min(position, len(self._log))
        near, kept = self._checkpoint(position)
        if not near <= self._position <= position:
            self._position, self._state = near, _state(kept)
        while self._position < position:
            apply_leniently(self._state, self._log[self._position])
            self._position += 1
            if self._position % self._stride == 0:
                self._keep()
        return self._state

    def near(self, position: int) -> tuple[int, State]:
        """The last position up to this one of which the state is kept, and that state, the caller's own."""
        near, kept = self._checkpoint(position)
        return near, _state(kept)

    def _checkpoint(self, position: int) -> tuple[int, bytes]:
        kept = self._kept
        number = bisect_right(kept, position, key=itemgetter(0))
        return kept[number - 1] if number else (0, b"")

    def _keep(self) -> None:
        state = pickle.dumps(self._state, pickle.HIGHEST_PROTOCOL)
        self._kept.append((self._position, state))
        self._size += len(state)
        if self._size > ROOM and len(self._kept) > LEAST:
            self._stride *= 2
            self._kept = [each for each in self._kept if each[0] % self._stride == 0]
            self._size = sum(len(state) for _, state in self._kept)


def _state(kept: bytes) -> State:
    """A state as it was kept; none is that before the first event."""
    if not kept:
        return State()
    state: State = pickle.loads(kept)  # noqa: S301  # our own
    return state


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
