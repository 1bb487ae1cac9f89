"""What the console remembers of a run while it tells it: names, colours, rooms, open calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.console.fields import clause, listed, number
from sandbox.console.lines import Span
from sandbox.console.styles import agent_style
from sandbox.transcript.event import Event

__all__ = ["Stage"]

_HOUSE: Final[Mapping[str, Span]] = {
    "engine": Span("·", "note"),
    "watch": Span("⚑", "warning"),
    "operator": Span("operator", "operator"),
}
_WIDEST: Final = 14


class Stage:
    """Small and bounded: it holds one answer per agent, never the history."""

    def __init__(self) -> None:
        self.turn = 0
        self.turns = 0
        self.main_room = ""
        self.indent = 4
        self._names: dict[str, Span] = {}
        self._json: frozenset[str] = frozenset()
        self._calls: dict[str, Mapping[object, object]] = {}

    def take(self, event: Event) -> None:
        """Move on to an event."""
        turn = event.data.get("turn")
        if isinstance(turn, int):
            self.turn = turn
        if event.kind in {"run.started", "run.resumed"}:
            self._start(event.data)
        elif event.kind == "operator.limit" and event.data.get("what") == "turns":
            self.turns = int(number(event.data, "new"))
        elif event.kind == "think.done":
            calls = event.data.get("calls")
            self._calls[event.actor] = {
                call.get("id"): call.get("args")
                for call in (calls if isinstance(calls, list | tuple) else ())
                if isinstance(call, Mapping) and isinstance(call.get("id"), str)
            }

    def _start(self, data: Mapping[str, Any]) -> None:
        agents = data.get("agents")
        specs: Mapping[str, object] = agents if isinstance(agents, Mapping) else {}
        self._names = {}
        for agent in specs:
            self.name(agent)
        self._json = frozenset(
            agent
            for agent, spec in specs.items()
            if isinstance(spec, Mapping) and spec.get("mode") == "json"
        )
        limits = data.get("limits")
        self.turns = int(number(limits, "turns")) if isinstance(limits, Mapping) else 0
        self.main_room = next(iter(listed(data, "rooms")), "")

    def name(self, actor: str) -> Span:
        """Return a name in its colour, or the sign of a part of the house.

        Someone who was not announced gets the next colour.
        """
        if actor in _HOUSE:
            return _HOUSE[actor]
        if actor not in self._names:
            name = Span(clause(actor), agent_style(len(self._names)))
            self._names[actor] = name
            self.indent = max(self.indent, min(len(name.text), _WIDEST) + 3)
        return self._names[actor]

    def arguments(self, event: Event) -> Mapping[str, Any]:
        """Return the arguments of an intent: the box's own, or those of the model's call."""
        own = event.data.get("args")
        planned = self._calls.get(event.actor, {}).get(str(event.data.get("call")))
        args = own if isinstance(own, Mapping) else planned
        return args if isinstance(args, Mapping) else {}

    def answers_in_json(self, agent: str) -> bool:
        """Whether an agent's answers are themselves its actions, with nothing else to read."""
        return agent in self._json
