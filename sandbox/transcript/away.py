"""The time in which no engine ran a run: before it was resumed, and between a parent and its fork."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["Away"]


class Away:
    """Learns of the events in their order; what it has heard of already it passes over."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._broke: list[float] = []
        self._sums: list[float] = [0.0]
        self._taken = 0
        self._latest: float | None = None

    def take(self, seq: int, kind: str, moment: float | None) -> None:
        """Take in the next event; ``moment`` is in Unix seconds, None if not known."""
        if seq <= self._taken:
            return
        self._taken = seq
        if moment is None:
            return
        if kind == "run.resumed" and self._latest is not None:
            self._seqs.append(seq)
            self._broke.append(self._latest)
            self._sums.append(self._sums[-1] + max(moment - self._latest, 0.0))
        self._latest = moment

    def until(self, seq: int) -> float:
        """The seconds of it up to and with this event."""
        return self._sums[bisect_right(self._seqs, seq)]

    @property
    def seconds(self) -> float:
        """All of it."""
        return self._sums[-1]

    def moment(self, began: float, seconds: float) -> float:
        """When the run had been played for so many seconds, in Unix seconds.

        Args:
            began: moment of its first event.
            seconds: without the time in which no engine ran.
        """
        at = began + seconds
        for broke, away in zip(self._broke, self._sums[1:], strict=True):
            if at <= broke:
                break
            at = began + seconds + away
        return at
