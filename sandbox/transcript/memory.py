"""The record in memory: the double of the store."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.transcript.chain import Chain
from sandbox.transcript.event import Event

__all__ = ["MemoryStore"]


class MemoryStore:
    """Keeps the same lines as a file would hold, in ``lines``; ``kept`` counts those committed."""

    def __init__(self, run: str, clock: Clock) -> None:
        self.lines: list[bytes] = []
        self.kept = 0
        self._chain = Chain(run, clock)

    @property
    def last_hash(self) -> str:
        return self._chain.last_hash

    def append(self, event: Event) -> bytes:
        line = self._chain.line(event)
        self.lines.append(line)
        return line

    def write(self) -> None:
        """Nothing to do: there is no kernel to hand the lines to."""

    async def commit(self) -> None:
        self.kept = len(self.lines)

    def close(self) -> None:
        """Nothing to let go of."""
