"""The desk: what every part of the engine writes on (events, answers, news), and the state they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agents import wire
from sandbox.detect.watch import Watch
from sandbox.engine.budget import Limit, limits_of
from sandbox.engine.courier import Courier
from sandbox.engine.refusals import Refusals
from sandbox.engine.state import State
from sandbox.engine.step import Step
from sandbox.engine.stops import Ending
from sandbox.models.gateway import Gateway
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event, Visibility
from sandbox.transcript.kinds import Kind

__all__ = ["OWN", "Desk"]

DELTA_BYTES: Final = 512 * 1024
"""The most that one offer carries of what the agent missed; its model is shown all of it anyway."""

OWN: Final = frozenset(
    {
        "think.request",
        "context.trimmed",
        "think.done",
        "action.intent",
        "action.refused",
        "action.result",
    }
    | {"room.opened", "room.invited", "room.joined", "room.left", "turn.chosen", "say", "whisper"}
)
"""Kinds of an agent's own events that its context is built from."""


class Desk:
    """Records events and collects what a step wants done."""

    def __init__(self, scenario: Scenario, gateway: Gateway, watch: Watch, *, boxed: bool) -> None:
        self.scenario = scenario
        self.gateway = gateway
        self.watch = watch
        self.boxed = boxed
        self.state = State()
        self.step = Step()
        self.couriers = {agent: Courier(agent) for agent in scenario.agents}
        self.news: dict[str, list[Event]] = {agent: [] for agent in scenario.agents}
        self.refusals = Refusals()
        self.ending: Ending | None = None
        """Why the run is to end at the next turn boundary."""
        self.spoken_first: set[str] = set()
        self.budgets = limits_of(scenario)
        self.warned: set[Limit] = set()
        """Budgets of which a person has been told that they run out."""

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
        viewers = self.state.viewers(event) if visible_to != "none" else ()
        self.state.apply(event)
        self.step.events.append(event)
        agents = self.state.agents
        for viewer in viewers:
            if viewer != actor and agents[viewer].status != "gone":
                self.gateway.feed(viewer, event)
                self.news[viewer].append(event)
        if kind in OWN and actor in agents:
            self.gateway.feed(actor, event)
        for found in self.watch.observe(event):
            self.record(found.kind, "watch", found.data, parent=event.seq)
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
            self.record("message.refused", r.agent, data)

    def take(self) -> Step:
        """What has gathered since the last call."""
        step, self.step = self.step, Step()
        return step
