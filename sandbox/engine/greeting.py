"""Hellos: who has come, who comes back after it was cut off, and who is too late."""

from __future__ import annotations

from typing import Any, Final

from agents import wire
from sandbox.engine.desk import Desk

__all__ = ["HELLO_SECONDS", "Greeting"]

HELLO_EVERY: Final = 1.0
"""Seconds between repeats that an agent can cause by saying hello again."""
HELLO_SECONDS: Final = 60.0
"""How long an agent's process may take to its hello; the slowest tier seen needs 8 s for 20 at once."""


class Greeting:
    """Greets the agents of one run."""

    def __init__(self, desk: Desk) -> None:
        self.by: float | None = None
        """When every agent must have come; None once they have, or are gone."""
        self._desk = desk
        self._greeted: dict[str, float] = {}

    def begin(self, now: float) -> None:
        """Boxes are up, and agents are waited for."""
        self.by = now + HELLO_SECONDS

    def hello(self, agent: str, id: str, body: wire.Hello, now: float) -> None:
        """An agent's process has found its bus."""
        if self._desk.state.agents[agent].status == "expected":
            member = self._desk.gateway.contexts[agent].member
            data: dict[str, Any] = {"model": member.model, "family": member.family}
            data |= {"python": body.python, "pid": body.pid}
            self._desk.record("agent.joined", agent, data)
        elif now - self._greeted.get(agent, 0.0) >= HELLO_EVERY:
            # It was cut off, and may have missed what we said meanwhile.
            self._greeted[agent] = now
            self._repeat(agent, now)
        self._desk.reply(agent, id, self._welcome(agent))

    def again(self, now: float) -> None:
        """The house was away itself: whoever is here is told, and told again what it has not answered."""
        self._greeted.clear()
        for agent in self._desk.state.present():
            self._desk.tell(agent, self._welcome(agent))
            self._repeat(agent, now)

    def over(self) -> bool:
        """Whether the last one that was waited for has just come, or is gone."""
        agents = self._desk.state.agents.values()
        if self.by is None or any(agent.status == "expected" for agent in agents):
            return False
        self.by = None
        return True

    def late(self, now: float) -> list[str]:
        """Record those that did not come in time as dead."""
        if self.by is None or now < self.by:
            return []
        late = [a.id for a in self._desk.state.agents.values() if a.status == "expected"]
        for agent in late:
            data = {"reason": f"no hello within {HELLO_SECONDS:g} s", "code": None}
            self._desk.record("agent.died", agent, data, None, "all")
        return late

    def _repeat(self, agent: str, now: float) -> None:
        missed = self._desk.couriers[agent].repeat(now, all_of_them=True)
        if missed is not None:
            self._desk.step.messages.append(missed)

    def _welcome(self, agent: str) -> wire.Welcome:
        tools: list[str] = list(self._desk.scenario.agents[agent].tools)
        return wire.Welcome(agent, self._desk.state.agents[agent].room, tools)
