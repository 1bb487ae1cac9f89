"""A table to play at: the real core and the agents' real minds in memory, with answers given by hand."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from typing import Any

import pytest

from agents.mind import Mind, Run, Send
from agents.tools.outcome import Outcome as ToolOutcome
from agents.wire import Hello
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.cast import cast_of
from sandbox.engine.core import Core
from sandbox.engine.operator_acts import read_order
from sandbox.engine.started import started
from sandbox.engine.step import Freeze, Frozen, Step, Think
from sandbox.models.gateway import Gateway, Outcome
from sandbox.models.provider import Mode, ToolCall
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

Answer = str | Outcome | Sequence[tuple[str, dict[str, Any]]]


class ByHand:
    """Knows a family for each model and acts by tool calls; it is never asked itself."""

    name = "scripted"

    def family(self, model: str) -> str:
        return model or "nobody"

    def mode(self, model: str, *, acts: bool) -> Mode:
        return "tools"


class Table:
    """Plays a scenario; ``answers`` are taken in turn, and an agent that has none left passes.

    The answer ``...`` never comes. Agents in ``absent`` never say hello;
    ``context`` is the size of an agent's context in tokens.
    """

    def __init__(
        self,
        answers: dict[str, list[Answer]],
        tools: dict[str, ToolOutcome],
        absent: Sequence[str] = (),
        context: dict[str, int] | None = None,
        **scenario: Any,
    ):
        scenario.setdefault("title", "t")
        self.scenario = Scenario.model_validate(scenario, strict=False)
        self.now = 0.0
        self.events: list[Event] = []
        self.thinks: list[Think] = []
        self.freezes: list[Freeze] = []
        self.thaws: list[str] = []
        self.silent: set[str] = set()
        """Agents whose processes do nothing more."""
        self._answers = {agent: deque(a) for agent, a in answers.items()}
        self._tools = tools
        self._post: deque[Any] = deque()
        self._sent = 0
        by_hand: Any = {"scripted": ByHand()}
        data = started(
            self.scenario, by_hand, tier="docker", durability="process", detectors=[], bus={}
        )
        for agent, tokens in (context or {}).items():
            data["agents"][agent]["context"] = tokens
        self.gateway = Gateway(cast_of(data), by_hand)
        self.core = Core(self.scenario, self.gateway, Watch(detectors()))
        self.minds = {agent: Mind() for agent in self.scenario.agents}
        self._perform(self.core.begin(data, self.now))
        for agent in self.scenario.agents:
            if agent not in absent:
                self.send(agent, Hello(agent, 1, "3.11"))

    def play(self) -> Table:
        """Until nobody has anything more to do."""
        while self._post:
            message = self._post.popleft()
            if message.agent in self.silent:
                continue
            for action in self.minds[message.agent].receive(message.body, message.id):
                self._act(message.agent, action)
        return self

    def send(self, agent: str, body: Any, re: str | None = None, id: str = "") -> None:
        self._sent += 1
        self._perform(self.core.message(agent, id or f"m{self._sent}", re, body, self.now))

    def pass_time(self, seconds: float) -> Table:
        self.now += seconds
        self._perform(self.core.tick(self.now))
        return self.play()

    def operate(self, verb: str, **what: Any) -> tuple[bool, str]:
        """Do what the operator ``ana`` wants; whether it was done, and what she is told."""
        body = json.dumps({"author": "ana", "act": {"verb": verb, **what}})
        step, answer = self.core.operate(read_order(body.encode()).act, "ana", self.now)
        self._perform(step)
        return answer.done, answer.text

    def answer(self, answer: Answer) -> Table:
        """Answer the last think, which was left open with ``...``."""
        self._perform(self.core.answer(self.thinks[-1], _outcome(answer), 1.0, self.now))
        return self.play()

    def froze(self, done: Frozen | None = None) -> Table:
        """The box that was to be frozen last stands still."""
        self._perform(self.core.froze(self.freezes[-1], done or Frozen(), self.now))
        return self.play()

    def witness(self, kind: Kind, agent: str, **data: Any) -> Table:
        """Something outside the boxes was seen."""
        self._perform(self.core.note(kind, agent, data))
        return self.play()

    def told(self, *kinds: str) -> list[tuple[Any, ...]]:
        """The events of these kinds, each as (kind, actor, what matters)."""
        return [told(e) for e in self.events if not kinds or e.kind in kinds]

    def data(self, kind: str) -> list[dict[str, Any]]:
        return [dict(e.data) for e in self.events if e.kind == kind]

    def _act(self, agent: str, action: Any) -> None:
        if isinstance(action, Send):
            self.send(agent, action.body, action.re)
        elif isinstance(action, Run):
            for report in self.minds[agent].ran(action, self._tools[action.tool]):
                self._act(agent, report)

    def _perform(self, step: Step) -> None:
        self.events += step.events
        self._post.extend(step.messages)
        self.freezes += step.freezes
        self.thaws += step.thaws
        if (reaction := self.core.react(self.now)) is not None:
            self._perform(reaction)
        for think in step.thinks:
            self.thinks.append(think)
            answers = self._answers.get(think.agent)
            if think.given is not None:
                outcome = Outcome(text=think.given)
            elif think.purpose == "bid":
                outcome = Outcome(text="yes" if answers else "no")
            elif not answers:
                outcome = _outcome([("pass", {})])
            else:
                answer = answers.popleft()
                if answer is ...:
                    continue
                outcome = _outcome(answer)
            self._perform(self.core.answer(think, outcome, 1.0, self.now))


def _outcome(answer: Answer) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    if isinstance(answer, str):
        return Outcome(text=answer, tokens_in=10, tokens_out=5)
    return Outcome(calls=tuple(ToolCall("x", tool, args) for tool, args in answer))


def told(event: Event) -> tuple[Any, ...]:
    data = event.data
    for key in ("text", "reason", "name", "agent", "drawn"):
        if key in data:
            return (event.kind, event.actor, data[key])
    return (event.kind, event.actor)


@pytest.fixture
def table():
    """``table(answers={...}, agents={...}, ...)`` sets a table."""

    def make(answers: Any = None, tools: Any = None, **scenario: Any) -> Table:
        scenario.setdefault("agents", {"ada": {}, "bo": {}})
        return Table(answers or {}, tools or {}, **scenario)

    return make
