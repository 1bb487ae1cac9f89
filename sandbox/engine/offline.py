"""A run in memory: scripted models, no bus, no boxes, no waiting.

The same core and the same guests' minds as in a real run, joined by function calls: for trying a
scenario out, for tests of the rules, and to measure what the engine itself costs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from agents.mind import Mind, Run, Send
from agents.tools.outcome import Outcome as ToolOutcome
from agents.wire import Hello
from sandbox.clock import Clock
from sandbox.detect.watch import Watch
from sandbox.engine.core import Core
from sandbox.engine.courier import Outgoing
from sandbox.engine.past import Past
from sandbox.engine.started import started
from sandbox.engine.step import Frozen, Step
from sandbox.models.gateway import Gateway, Outcome, gather
from sandbox.models.scripted import Scripted
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.store import Store

__all__ = ["OfflineRun"]


class OfflineRun:
    """One run, played by ``play``; with the events of its ``past``, one that goes on."""

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        clock: Clock,
        watch: Watch,
        past: Iterable[Event] = (),
    ) -> None:
        scripted = Scripted.of(scenario)
        data = started(
            scenario,
            {"scripted": scripted},
            tier="none",
            durability="process",
            detectors=watch.names,
            bus={"kind": "none"},
        )
        self._scripted = scripted
        self._store = store
        self._clock = clock
        gateway = Gateway({}, {"scripted": scripted})
        known = Past(scenario, gateway.contexts, watch, {"scripted": scripted})
        for event in past:
            known.take(event)
        self.core = Core(scenario, gateway, watch, boxed=False, past=known)
        self._minds = {agent: Mind() for agent in scenario.agents}
        self._sent = 0
        self._post: deque[Outgoing] = deque()
        self._perform(self.core.begin(data, clock.monotonic()))
        for agent in scenario.agents:
            if self.core.state.agents[agent].status != "gone":
                self._send(agent, Send(Hello(agent, 0, "")))

    def play(self, until: int | None = None) -> None:
        """Go on to the end, or until turn ``until`` has begun."""
        while self._post and (until is None or self.core.state.turn < until):
            message = self._post.popleft()
            mind = self._minds[message.agent]
            for action in mind.receive(message.body, message.id):
                if isinstance(action, Send):
                    self._send(message.agent, action)
                elif isinstance(action, Run):
                    refused = ToolOutcome(ok=False, output="nothing runs in memory")
                    for report in mind.ran(action, refused):
                        if isinstance(report, Send):
                            self._send(message.agent, report)
        self._store.write()

    def _send(self, agent: str, action: Send) -> None:
        self._sent += 1
        now = self._clock.monotonic()
        self._perform(
            self.core.message(agent, f"{agent}-{self._sent}", action.re, action.body, now)
        )

    def _perform(self, step: Step) -> None:
        now = self._clock.monotonic()
        for event in step.events:
            self._store.append(event)
        if step.messages:
            self._store.write()  # recorded, then delivered
            self._post.extend(step.messages)
        for think in step.thinks:
            if think.given is not None:
                result = Outcome(text=think.given, stop="given")
            else:
                result = gather(think.request, self._scripted.answer(think.request))
            self._perform(self.core.answer(think, result, 0.0, self._clock.monotonic()))
        for freeze in step.freezes:
            self._perform(self.core.froze(freeze, Frozen(), now))
        if (reaction := self.core.react(now)) is not None:
            self._perform(reaction)
