"""When to ask a model again after a failure that may pass. Pure: the jitter comes in as a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sandbox.errors import ModelError, Transient

__all__ = ["RetryPolicy"]

FIRST: Final = 0.5
"""Seconds; the same as both makers' own SDKs use."""
LONGEST: Final = 30.0
PATIENCE: Final = 300.0
"""The longest ``retry-after`` that is waited for; a turn's deadline ends it sooner."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long between: exponential back-off with full jitter.

    Full jitter (a wait drawn between 0 and the bound) spreads agents that failed together the best:
    M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    attempts: int = 5

    def wait(self, error: ModelError, attempt: int, jitter: float) -> float | None:
        """Seconds until the next attempt after ``attempt`` (from 1) failed; None to give up.

        ``jitter`` is in [0, 1). What a maker says in ``retry-after`` is obeyed, and a little more, so
        that not all come back at the same moment.
        """
        if not isinstance(error, Transient) or attempt >= self.attempts:
            return None
        if error.retry_after is not None:
            return error.retry_after + jitter if error.retry_after <= PATIENCE else None
        return min(LONGEST, FIRST * 2.0 ** (attempt - 1)) * jitter
