"""A run that is played in this process: it goes on whoever looks at it, and outlives the app if asked to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from sandbox.transcript.codec import decode

if TYPE_CHECKING:  # plans bring the schema of scenarios: after the first paint
    from sandbox.engine.plan import Plan, Played
    from sandbox.transcript.event import Event
    from sandbox.tui.player import Player

__all__ = ["Listener", "Playing"]


class Listener(Protocol):
    """Whoever looks at a run while it is played."""

    def observe(self, event: Event, raw: bytes) -> None:
        """One event is durable; ``raw`` is its line of the record."""

    def progress(self, sentence: str) -> None:
        """Say what takes so long."""

    def hear(self, agent: str, words: str | None) -> None:
        """Words of an answer as they come; None where it begins anew."""


class Playing:
    """Begins to play at once, as a task of its own; listeners come and go.

    Args:
        plan: what is played.
        player: who plays it.
        listener: hears it from the beginning; others join by ``listeners``.
    """

    def __init__(self, plan: Plan, player: Player, listener: Listener) -> None:
        self.plan = plan
        self.listeners: list[Listener] = [listener]
        self.run = ""
        """The run's id, once it has begun."""
        self.seq = 0
        """The last event that listeners were given."""
        self._stop = asyncio.Event()
        playing = player(
            plan, observe=self._observe, progress=self._progress, stop=self._stop, hear=self._hear
        )
        self.task = asyncio.create_task(playing, name="run")

    @property
    def over(self) -> bool:
        """Whether there is nothing left to stop."""
        return self.task.done()

    def stop(self) -> None:
        """End the run in order; while it is being prepared, give it up."""
        if self.seq:
            self._stop.set()
        else:
            self.task.cancel()

    async def wait(self) -> Played:
        """Wait for the end; who is cancelled in this leaves the run alone.

        Raises:
            CancelledError: the run was given up before it began.
        """
        await asyncio.wait([self.task])
        return self.task.result()

    async def settled(self) -> None:
        """Wait until there is nothing left to stop, however it ended."""
        await asyncio.wait([self.task])

    def _observe(self, event: Event, raw: bytes) -> None:
        if not self.run:
            self.run = decode(raw).run  # the store sets it: the engine's own event has none
        self.seq = event.seq
        for listener in (*self.listeners,):
            listener.observe(event, raw)

    def _progress(self, sentence: str) -> None:
        for listener in (*self.listeners,):
            listener.progress(sentence)

    def _hear(self, agent: str, words: str | None) -> None:
        for listener in (*self.listeners,):
            listener.hear(agent, words)
