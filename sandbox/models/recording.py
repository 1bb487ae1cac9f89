"""What the agents of an earlier run were asked, and what they answered, read from its record."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sandbox.engine.cast import cast_of
from sandbox.engine.desk import OWN
from sandbox.engine.state import State
from sandbox.errors import Damaged
from sandbox.models.context import Context, Saw
from sandbox.models.provider import Request
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read

__all__ = ["Exchange", "Recording"]

_REPLIES: Final = frozenset({"think.retried", "think.done", "think.failed"})


@dataclass(slots=True)
class Exchange:
    """One think of an agent: what it was asked and what came of it.

    ``answer`` is ``think.done`` or ``think.failed``, or None where the record ends before it;
    ``retries`` are the failures before it. ``request`` and ``saw`` are rendered again from the record.
    """

    asked: Event
    request: Request
    saw: Saw
    retries: list[Event] = field(default_factory=list)
    answer: Event | None = None


class Recording:
    """One run's record, read on only as far as answers are asked for.

    Raises:
        TranscriptError: there is no such record.
        Damaged: it does not begin with ``run.started``, or a line of it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._events = read(folder)
        first = next(self._events, None)
        if first is None or first.kind != "run.started":
            self._events.close()
            raise Damaged(f"{folder}: the record does not begin with run.started")
        self.run = first.run
        self.started: Mapping[str, Any] = first.data
        self.began = ""
        """When the first turn began, ISO 8601; empty before it was read."""
        try:
            self.cast = cast_of(first.data)
        except (KeyError, TypeError, AttributeError) as error:
            self._events.close()
            raise Damaged(f"{folder}: run.started cannot be read: {error!r}") from None
        self._contexts = {agent: Context(member) for agent, member in self.cast.items()}
        self._state = State()
        self._asked: dict[str, Event] = {}
        self._open: dict[str, Exchange] = {}
        self._whole: dict[str, deque[Exchange]] = {agent: deque() for agent in self.cast}
        self._take(first)

    def peek(self, agent: str) -> Exchange | None:
        """The next think of an agent, which stays the next one; None at the end of the record."""
        waiting = self._whole[agent]
        while not waiting:
            event = next(self._events, None)
            if event is None:
                self._end()
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
        viewers = self._state.viewers(event) if event.visible_to != "none" else ()
        self._state.apply(event)
        agents, actor, kind = self._state.agents, event.actor, event.kind
        for viewer in viewers:
            if viewer != actor and agents[viewer].status != "gone":
                self._contexts[viewer].feed(event)
        if not self.began and kind in ("turn.offered", "think.request"):
            self.began = event.ts
        if actor not in agents:
            return
        if kind in _REPLIES and actor in self._asked:
            self._reply(event)
        if kind in OWN:
            self._contexts[actor].feed(event)
        if kind == "think.request":
            self._asked[actor] = event

    def _reply(self, event: Event) -> None:
        agent = event.actor
        exchange = self._open[agent] if agent in self._open else self._render(agent)
        if event.kind == "think.retried":
            exchange.retries.append(event)
            return
        exchange.answer = event
        self._whole[agent].append(exchange)
        del self._open[agent], self._asked[agent]

    def _render(self, agent: str) -> Exchange:
        """What the agent was asked. Not before the reply: what is left out comes after the request."""
        asked = self._asked[agent]
        data = asked.data
        request, saw = self._contexts[agent].request(data["turn"], data["think"], data["purpose"])
        request = replace(request, turns=tuple(request.turns))  # these go on growing
        exchange = self._open[agent] = Exchange(asked, request, saw)
        return exchange

    def _end(self) -> None:
        """Thinks whose reply the record does not have: its engine was killed."""
        for agent in list(self._asked):
            exchange = self._open[agent] if agent in self._open else self._render(agent)
            self._whole[agent].append(exchange)
            del self._open[agent], self._asked[agent]
