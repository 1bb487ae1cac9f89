"""A log up to the first event that cannot be read: what is whole of a damaged record is played."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.errors import Damaged
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import Log

__all__ = ["Readable"]


class Readable:
    """A ``Log`` that becomes shorter when it meets damage, and then says what is wrong.

    Asking for what cannot be read raises Damaged once; from then on the log ends before it.
    """

    def __init__(self, log: Log) -> None:
        self.fault = ""
        """What is wrong, in a sentence; empty while nothing was met."""
        self._log = log
        self._whole: int | None = None
        self._began: tuple[()] | tuple[float | None] = ()
        self._ended: tuple[int, float | None] = (-1, None)
        self._turn = (-1, 0)
        """Of the ends, which everybody asks for: they lie far from everything else."""

    def __len__(self) -> int:
        return len(self._log) if self._whole is None else min(self._whole, len(self._log))

    def __getitem__(self, index: int, /) -> Event:
        """Read an event.

        Raises:
            IndexError: there is none of that index.
            Damaged: it cannot be read, and the log has just become shorter.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        try:
            return self._log[index]
        except Damaged as error:
            self._cut(index, error)
            raise

    def moment(self, index: int) -> float | None:
        if index == 0 and self._began:
            return self._began[0]
        if index and index == self._ended[0]:
            return self._ended[1]
        try:
            at = self._log.moment(index)
        except Damaged as error:
            self._cut(index, error)
            return None
        if index == 0:
            self._began = (at,)
        elif index == len(self) - 1:
            self._ended = (index, at)
        return at

    def turn(self, index: int) -> int:
        if index == self._turn[0]:
            return self._turn[1]
        try:
            turn = self._log.turn(index)
        except Damaged as error:
            self._cut(index, error)
            return self.turn(len(self) - 1) if len(self) else 0
        if index == len(self) - 1:
            self._turn = (index, turn)
        return turn

    def turn_start(self, turn: int) -> int:
        try:
            return min(self._log.turn_start(turn), len(self))
        except Damaged as error:
            self._cut(len(self._log) - 1, error)
            return len(self)

    def since(self, moment: float) -> int:
        return min(self._log.since(moment), len(self))

    def flags(self) -> Sequence[int]:
        try:
            flags = self._log.flags()
        except Damaged as error:
            self._cut(len(self._log) - 1, error)
            return ()
        return [flag for flag in flags if flag < len(self)] if self.fault else flags

    def _cut(self, index: int, error: Damaged) -> None:
        """End before the first event that cannot be read between one that can and ``index``."""
        low, high = 0, index
        while low < high:
            middle = (low + high) // 2
            if self._reads(middle):
                low = middle + 1
            else:
                high = middle
        self._whole = low
        self.fault = str(error)

    def _reads(self, index: int) -> bool:
        try:
            self._log[index]
        except Damaged:
            return False
        return True
