"""Where the run stood at the position of a replay, folded on from wherever it was known."""

from __future__ import annotations

from typing import Final

from sandbox.engine.scene import apply_leniently
from sandbox.engine.state import State
from sandbox.transcript.replay_log import Log
from sandbox.tui.replay.survey import Survey

__all__ = ["Standing"]

_NEAR: Final = 400
"""Events that are folded at once: some milliseconds."""


class Standing:
    """The state after ``position`` events.

    Args:
        log: the run.
        survey: of the same run; knows states of what it has gone through.
    """

    def __init__(self, log: Log, survey: Survey) -> None:
        self.state = State()
        self.position = 0
        self._log = log
        self._survey = survey

    def move(self, position: int) -> bool:
        """Go to a position; False if it is too far from all that is known by now."""
        if not self.position <= position <= self.position + _NEAR:
            near, state = self._survey.near(position)
            if position > max(self._survey.reached, near + _NEAR):
                return False
            self.state, self.position = state, near
        while self.position < position:
            apply_leniently(self.state, self._log[self.position])
            self.position += 1
        return True
