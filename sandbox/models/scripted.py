"""Provider ``scripted``: lines and actions from the scenario file, for demonstrations and tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from sandbox.errors import ModelUnavailable
from sandbox.models.conditions import Facts, since_last_answer
from sandbox.models.provider import (
    Done,
    Mode,
    Part,
    Request,
    StopReason,
    TextDelta,
    ToolCall,
    Usage,
)
from sandbox.transcript.event import Event

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario, ScriptLine

__all__ = ["Script", "Scripted"]


@dataclass(frozen=True, slots=True)
class Script:
    """What one agent answers, and what it does when its lines are used up."""

    lines: Sequence[ScriptLine] = ()
    after: Literal["pass", "loop", "leave"] = "pass"


@dataclass(frozen=True, slots=True)
class _Action:
    tool: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Place:
    """How far one agent's script has been played."""

    script: Script
    next: int = 0
    waiting: list[int] = field(default_factory=list)
    """Lines before ``next`` whose condition did not hold yet."""
    calls: int = 0
    queue: list[_Action] = field(default_factory=list)
    """What is left of a line in mode ``json``, where each answer is one action."""
    queued_in: int = 0
    counted: int = 0
    words: int = 0


class Scripted:
    """Plays each agent's script: every think takes the first unused line whose ``when`` holds.

    A line that still waits keeps its turn; while only such lines are left the agent passes. Tokens
    are words. The cost of an answer does not grow with the history: only what is new since the
    agent's own last answer is looked at.
    """

    name = "scripted"

    def __init__(
        self,
        scripts: Mapping[str, Script],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._places = {agent: _Place(script) for agent, script in scripts.items()}
        self._sleep = sleep

    @classmethod
    def of(cls, scenario: Scenario) -> Scripted:
        """The scripts of every agent of a scenario."""
        return cls(
            {
                agent: Script(spec.script, spec.after_script)
                for agent, spec in scenario.agents.items()
            }
        )

    def family(self, model: str) -> str:
        return model or self.name

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return "tools"

    def body(self, request: Request) -> bytes:
        """All that a script can look at; nothing goes over a wire."""
        new = [[turn.role, turn.text] for turn in since_last_answer(request.turns)]
        return orjson.dumps(
            {
                "agent": request.agent,
                "turn": request.turn,
                "think": request.think,
                "purpose": request.purpose,
                "mode": request.mode,
                "new": new,
            }
        )

    async def ready(self, model: str) -> None:  # noqa: ARG002 - as above
        return

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        place, line = self._line(request)
        if line is not None and line.seconds and request.purpose == "act":
            await self._sleep(line.seconds)
        for part in _answer(request, place, line):
            yield part

    async def close(self) -> None:
        return

    def answer(self, request: Request) -> list[Part]:
        """The whole answer at once, without the waiting."""
        return _answer(request, *self._line(request))

    def recall(self, request: Request, answer: Event) -> None:
        """Use up the line that was answered with; a turn that ended meanwhile had taken it too."""
        if answer.data.get("stop") != "given" and answer.data.get("kind", "TurnOver") == "TurnOver":
            self.answer(request)

    def _line(self, request: Request) -> tuple[_Place, ScriptLine | None]:
        """The line that is due; it is used up unless this is only a bid or a line is still under way."""
        place = self._places.get(request.agent)
        if place is None:
            raise ModelUnavailable(f"there is no script for the agent {request.agent!r}")
        if request.purpose == "act" and place.queue:
            if place.queue[0].tool != "pass" or place.queued_in == request.turn:
                return place, None
            place.queue.clear()
        index = _due(place, request)
        if index is None:
            return place, None
        if request.purpose == "act":
            if index < place.next:
                place.waiting.remove(index)
            else:
                place.next += 1
        return place, place.script.lines[index]


def _due(place: _Place, request: Request) -> int | None:
    lines = place.script.lines
    ended = place.next == len(lines) and not place.waiting
    if ended and place.script.after == "loop":
        place.next = 0
    facts = Facts(request)
    for index in place.waiting:
        if facts.hold(lines[index].when):
            return index
    while place.next < len(lines):
        if facts.hold(lines[place.next].when):
            return place.next
        place.waiting.append(place.next)
        place.next += 1
    return None


def _answer(request: Request, place: _Place, line: ScriptLine | None) -> list[Part]:
    if request.purpose == "bid":
        return _whole(request, place, "yes" if _wants(place, line) else "no", ())
    if line is not None and line.raw is not None:
        return _whole(request, place, line.raw, ())
    if request.mode == "json":
        if not place.queue:
            place.queue = list(_one_by_one(place, line))
            place.queued_in = request.turn
        action = place.queue.pop(0)
        text = orjson.dumps({"action": action.tool, **action.args}).decode()
        return _whole(request, place, text, ())
    text = line.say or "" if line is not None else ""
    actions = () if request.mode == "talk" else tuple(_actions(place, line))
    return _whole(request, place, text, actions)


def _wants(place: _Place, line: ScriptLine | None) -> bool:
    if line is None:
        return _ended(place) == "leave"
    return line.bid is not False


def _ended(place: _Place) -> str:
    """What is done instead of a line: lines that wait are not used up yet."""
    return "leave" if place.script.after == "leave" and not place.waiting else "pass"


def _actions(place: _Place, line: ScriptLine | None) -> Iterator[_Action]:
    if line is None:
        yield _Action(_ended(place))
        return
    for step in line.do:
        for tool, args in step.items():
            yield _Action(tool, args)


def _one_by_one(place: _Place, line: ScriptLine | None) -> Iterator[_Action]:
    """The same line for a model that can only act: words become ``say``, and ``pass`` ends the turn."""
    actions = list(_actions(place, line))
    if line is not None and line.say is not None:
        yield _Action("say", {"text": line.say})
    yield from actions
    if line is not None and not actions:
        yield _Action("pass")


def _whole(request: Request, place: _Place, text: str, actions: Sequence[_Action]) -> list[Part]:
    parts: list[Part] = [TextDelta(text)] if text else []
    for action in actions:
        place.calls += 1
        parts.append(ToolCall(f"s{place.calls}", action.tool, dict(action.args)))
    stop: StopReason = "tools" if actions else "end"
    out = len(text.split()) + len(actions)
    return [*parts, Usage(_words(request, place), out), Done(stop)]


def _words(request: Request, place: _Place) -> int:
    """The words of the system prompt and of all turns, each counted once in the agent's life."""
    turns = request.turns
    if place.counted > len(turns):
        place.counted = place.words = 0
    if not place.counted:
        place.words = len(request.system.split())
    fresh = sum(len(turns[at].text.split()) for at in range(place.counted, len(turns)))
    if request.purpose == "bid":
        return place.words + fresh  # a bid's last turn is not part of the history
    place.words += fresh
    place.counted = len(turns)
    return place.words
