"""What each model was asked, rendered again from the record, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sandbox.models.context import Context, Saw
from sandbox.models.provider import Request
from sandbox.transcript.event import Event

__all__ = ["Exchange", "Exchanges"]

_REPLIES: Final = frozenset({"think.retried", "think.done", "think.failed"})


@dataclass(slots=True)
class Exchange:
    """One think of an agent: what it was asked and what came of it.

    ``answer`` is ``think.done`` or ``think.failed``, or None where the record has none; ``retries``
    are the failures before it.
    """

    asked: Event
    saw: Saw
    sharing: Request
    """The request, whose turns are shared with the agent's context and go on growing."""
    turns: int
    """How many of them are its own."""
    retries: list[Event] = field(default_factory=list)
    answer: Event | None = None

    @property
    def request(self) -> Request:
        """What was asked."""
        return replace(self.sharing, turns=tuple(self.sharing.turns[: self.turns]))


class Exchanges:
    """Pairs questions with answers. Give it each event before the contexts take it in."""

    def __init__(self, contexts: Mapping[str, Context]) -> None:
        self._contexts = contexts
        self._asked: dict[str, Event] = {}
        self._open: dict[str, Exchange] = {}

    def take(self, event: Event) -> Exchange | None:
        """Take in the next event; gives the exchange that it completes."""
        agent = event.actor
        if event.kind == "think.request" and agent in self._contexts:
            self._asked[agent] = event
        elif event.kind in _REPLIES and agent in self._asked:
            exchange = self._render(agent)
            if event.kind == "think.retried":
                exchange.retries.append(event)
                return None
            exchange.answer = event
            del self._open[agent], self._asked[agent]
            return exchange
        return None

    def give_up(self) -> list[Exchange]:
        """The exchanges that have no answer and get none any more: their engine was killed."""
        lost = [self._render(agent) for agent in self._asked]
        self._asked.clear()
        self._open.clear()
        return lost

    def _render(self, agent: str) -> Exchange:
        """What the agent was asked. Not before the reply: what is left out comes after the request."""
        if agent not in self._open:
            asked = self._asked[agent]
            data = asked.data
            context = self._contexts[agent]
            request, saw = context.request(data["turn"], data["think"], data["purpose"])
            self._open[agent] = Exchange(asked, saw, request, len(request.turns))
        return self._open[agent]
