"""What the agents of an earlier run were asked, and what they answered, read from its record."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.engine.exchange import Exchange, Exchanges
from sandbox.engine.perception import CASTS, Perception
from sandbox.engine.played import PlayedTime
from sandbox.errors import Damaged
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read

__all__ = ["Recording"]


class Recording:
    """One run's record, read on only as far as answers are asked for.

    Args:
        folder: of the run.
        unbroken: whether it ends for us where the run was resumed.

    Raises:
        TranscriptError: there is no such record.
        Damaged: it does not begin with ``run.started``, or a line of it cannot be read.
    """

    def __init__(self, folder: Path, *, unbroken: bool = False) -> None:
        self._events = read(folder)
        self._unbroken = unbroken
        first = next(self._events, None)
        if first is None or first.kind != "run.started":
            self._events.close()
            raise Damaged(f"{folder}: the record does not begin with run.started")
        self.run = first.run
        self.started: Mapping[str, Any] = first.data
        self.ages: dict[int, float] = {}
        """How long the run had been played when a think was cut off, by the ``seq`` of what says so."""
        self._played = PlayedTime()
        self._perception = Perception()
        self._exchanges = Exchanges(self._perception.contexts)
        try:
            self._take(first)
        except Damaged:
            self._events.close()
            raise
        self.cast = {agent: one.member for agent, one in self._perception.contexts.items()}
        """Who took part when the run began."""
        self._whole: dict[str, deque[Exchange]] = {agent: deque() for agent in self.cast}

    def peek(self, agent: str) -> Exchange | None:
        """The next think of an agent, which stays the next one; None at the end of the record."""
        waiting = self._whole[agent]
        while not waiting:
            event = next(self._events, None)
            if event is None or (self._unbroken and event.kind == "run.resumed"):
                self._events.close()
                self._give_up()
                break
            try:
                self._take(event)
            except (KeyError, TypeError, AttributeError) as error:
                line = self._events.line
                raise Damaged(f"{self._events.path}:{line}: no such event: {error!r}") from None
        return waiting[0] if waiting else None

    def skip(self, agent: str) -> None:
        """Go on to the agent's next think."""
        self._whole[agent].popleft()

    def close(self) -> None:
        """Let go of the file."""
        self._events.close()

    def _take(self, event: Event) -> None:
        if event.kind in CASTS:
            self._give_up()
        exchange = self._exchanges.take(event)
        if exchange is not None:
            self._whole[event.actor].append(exchange)
        self._perception.take(event)
        self._played.take(event, self._perception.state)
        if event.kind == "think.failed":
            self.ages[event.seq] = self._played.until(event.ts)

    def _give_up(self) -> None:
        for exchange in self._exchanges.give_up():
            self._whole[exchange.asked.actor].append(exchange)
