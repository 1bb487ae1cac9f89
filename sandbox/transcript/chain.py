"""The next line of a record: sequence, time and hash, the same for every store."""

from __future__ import annotations

from sandbox.clock import Clock, iso
from sandbox.transcript.codec import NO_HASH, encode
from sandbox.transcript.event import Event

__all__ = ["Chain"]


class Chain:
    """Turns events into lines that follow each other; holds the last sequence number and hash."""

    __slots__ = ("_clock", "_prefix", "_run", "_second", "last_hash", "last_seq")

    def __init__(
        self, run: str, clock: Clock, *, last_seq: int = 0, last_hash: str = NO_HASH
    ) -> None:
        self._run = run
        self._clock = clock
        self._second = -1
        self._prefix = ""
        self.last_seq = last_seq
        self.last_hash = last_hash

    def line(self, event: Event) -> bytes:
        """Write the next event; whoever made it has numbered it without a gap."""
        assert event.seq == self.last_seq + 1, f"seq {event.seq} after {self.last_seq}"
        line, self.last_hash = encode(event, self.last_hash, run=self._run, ts=self._ts())
        self.last_seq = event.seq
        return line

    def _ts(self) -> str:
        """As ``iso``, but the calendar is asked once a second: a third of an append's cost else."""
        now = self._clock.now()
        second = int(now)
        if second != self._second:
            self._second, self._prefix = second, iso(second)[:20]
        return f"{self._prefix}{int((now - second) * 1e6):06d}Z"
