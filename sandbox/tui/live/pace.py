"""How many events come a second, over the last few."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Pace"]

_SECONDS: Final = 5


class Pace:
    """Counts events by the second they came in; times are of a monotonic clock."""

    def __init__(self) -> None:
        self._counts: deque[tuple[int, int]] = deque(maxlen=_SECONDS + 1)

    def count(self, now: float) -> None:
        """One event has come."""
        second = int(now)
        if self._counts and self._counts[-1][0] == second:
            self._counts[-1] = (second, self._counts[-1][1] + 1)
        else:
            self._counts.append((second, 1))

    def rate(self, now: float) -> float:
        """Events a second."""
        since = int(now) - _SECONDS
        return sum(count for second, count in self._counts if second > since) / _SECONDS

    def clear(self) -> None:
        """Begin anew: what came so far was the past."""
        self._counts.clear()
