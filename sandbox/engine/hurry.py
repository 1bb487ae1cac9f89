"""A clock that is moved on where everybody in a run only waits."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.clock import SystemClock

__all__ = ["HurriedClock"]


class HurriedClock(SystemClock):
    """The machine's clock and what was left out of waiting; ``moved`` is told each time."""

    def __init__(self) -> None:
        self.moved: Callable[[], None] = lambda: None
        self._ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    def hurry(self, seconds: float) -> None:
        """Move on by that much, never back."""
        self._ahead += max(0.0, seconds)
        self.moved()
