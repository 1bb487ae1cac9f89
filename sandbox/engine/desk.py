"""The desk: what every part of the engine writes on (events, answers, news), and the state they make."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from agents import wire
from sandbox.detect.watch import Watch
from sandbox.engine.budget import limits_of
from sandbox.engine.courier import Courier
from sandbox.engine.hold import Holding
from sandbox.engine.past import Past
from sandbox.engine.refusals import Refusals
from sandbox.engine.step import Noted, Step
from sandbox.models.gateway import Gateway
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event, Visibility
from sandbox.transcript.kinds import Kind

__all__ = ["Desk", "Seek", "Total"]

DELTA_BYTES: Final = 512 * 1024
"""The most that one offer carries of what the agent missed; its model is shown all of it anyway."""


Seek: TypeAlias = Callable[[Event], Sequence[Noted]]
"""What is found in an event by somebody who knows more than the record does."""
Total: TypeAlias = Callable[[], Mapping[str, Any]]
"""What was seen beside the run, and counted."""
CONSEQUENCES: Final = frozenset({"freeze", "stop"})
"""Reactions to a flag that are more than words."""


class Desk:
    """Records events and collects what a step wants done."""

    def __init__(
        self, scenario: Scenario, gateway: Gateway, watch: Watch, past: Past, *, boxed: bool
    ) -> None:
        self.scenario = scenario
        self.gateway = gateway
        self.watch = watch
        self.boxed = boxed
        self.state = past.perception.state
        self.step = Step()
        self.couriers = {agent: Courier(agent) for agent in scenario.agents}
        self.news = past.news
        self.refusals = Refusals()
        self.ending = past.ending
        """Why the run is to end at the next turn boundary."""
        self.spoken_first = past.spoken_first
        self.budgets = limits_of(scenario)
        self.warned = past.warned
        """Budgets of which a person has been told that they run out."""
        self.holding = Holding(self.state)
        self.flagged: deque[Event] = deque()
        """Flags that are to have consequences."""
        self.seek: Seek = lambda _: ()
        self.watched: Total = dict
        self._perception = past.perception

    def speak(
        self,
        kind: Kind,
        actor: str,
        data: Mapping[str, Any],
        room: str | None,
        visible_to: Visibility,
        parent: int | None = None,
    ) -> Event:
        """Record words of an agent; those that the operator's filters catch wait, and nobody hears them."""
        if self.state.holds:
            held = self.holding.caught(kind, actor, room, data)
            if held is not None:
                return self.record("message.held", actor, held, room, "none", parent)
        return self.record(kind, actor, data, room, visible_to, parent)

    def record(
        self,
        kind: Kind,
        actor: str,
        data: Mapping[str, Any],
        room: str | None = None,
        visible_to: Visibility = "none",
        parent: int | None = None,
    ) -> Event:
        """Make the next event, apply it, and let everybody concerned perceive it."""
        event = Event(self.state.seq + 1, kind, actor, data, room, visible_to, parent)
        self.step.events.append(event)
        for agent in self._perception.take(event):
            self.news[agent].append(event)
        for found in self.watch.observe(event):
            flag = self.record(found.kind, "watch", found.data, parent=event.seq)
            if found.data.get("reaction") in CONSEQUENCES:
                self.flagged.append(flag)
        for noted in self.seek(event):
            self.record(noted.kind, actor, noted.data, parent=event.seq)
        return event

    def reply(self, agent: str, id: str, body: wire.Body) -> None:
        """Answer a message of an agent, now and whenever it is repeated."""
        self.step.messages.append(self.couriers[agent].answer(id, body))

    def ask(self, agent: str, body: wire.Body, now: float) -> None:
        """Send a message that is repeated until it is answered."""
        self.step.messages.append(self.couriers[agent].ask(body, now))

    def tell(self, agent: str, body: wire.Body) -> None:
        """Send a message that nobody waits for."""
        self.step.messages.append(self.couriers[agent].tell(body))

    def delta(self, agent: str) -> list[dict[str, Any]]:
        """What the agent could perceive since its last offer; the oldest is left out above a size."""
        news = self.news[agent]
        self.news[agent] = []
        delta: list[dict[str, Any]] = []
        size = 0
        for event in reversed(news):
            size += 200 + len(str(event.data.get("text", "")))
            if size > DELTA_BYTES:
                break
            seen = {"seq": event.seq, "kind": event.kind, "actor": event.actor}
            delta.append(seen | {"room": event.room, "data": dict(event.data)})
        delta.reverse()
        return delta

    def write_refusals(self, now: float, *, all_of_them: bool = False) -> None:
        """Record the refused messages of every window that has closed."""
        for r in self.refusals.take(now, all_of_them=all_of_them):
            data = {"why": r.why, "sample": r.sample, "count": r.count}
            if r.agent == "operator":  # no agent's name: somebody without the run's token
                self.record("operator.refused", "engine", data)
            else:
                self.record("message.refused", r.agent, data)

    def take(self) -> Step:
        """What has gathered since the last call."""
        step, self.step = self.step, Step()
        return step
