"""What is allowed in a scenario but probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.scenario.schema import AgentSpec, Scenario

__all__ = ["Remark", "lint"]


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning; ``place`` is the key it is about, as in ``agents.ada.script``."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def lint(scenario: Scenario) -> list[Remark]:
    """What somebody who wrote this probably did not mean; nothing here keeps a run from beginning."""
    found = [remark for check in _CHECKS for remark in check(scenario)]
    for name, agent in scenario.agents.items():
        found += [
            Remark(f"agents.{name}{where}", text)
            for check in _AGENT_CHECKS
            for where, text in check(scenario, agent)
        ]
    return found


def _limits(scenario: Scenario) -> Iterator[Remark]:
    from sandbox.models.prices import price

    turns, silence = scenario.limits.turns, scenario.stop.silence
    if silence is not None and silence > turns:
        yield Remark("stop.silence", f"never reached: the run ends after {turns} turns")
    if scenario.limits.money is not None:
        asked = [agent.model for agent in scenario.agents.values()]
        if scenario.doors is not None and scenario.doors.models is not None:
            asked += [served.model for served in scenario.doors.models.serve]
        for model in sorted(set(asked)):
            if price(model) is None:
                text = f"the price of {model} is not known, so it does not count"
                yield Remark("limits.money", text)


def _doors(scenario: Scenario) -> Iterator[Remark]:
    from sandbox.errors import UnknownModel
    from sandbox.models.registry import split
    from sandbox.scenario.schema import BOX_TOOLS

    doors = scenario.doors
    if doors is None:
        return
    finders = scenario.agents if doors.agents is None else doors.agents
    if not any(BOX_TOOLS.intersection(scenario.agents[name].tools) for name in finders):
        yield Remark("doors", "nobody can find them: no agent has a tool that acts in its box")
    for at, served in enumerate(doors.models.serve if doors.models is not None else ()):
        where = f"doors.models.serve.{at}"
        try:
            provider = split(served.model).provider
        except UnknownModel as error:
            yield Remark(f"{where}.model", str(error))
            continue
        if provider == "scripted" and not served.script:
            yield Remark(where, "a scripted model without a script never says a word")
        if provider != "scripted" and served.script:
            yield Remark(f"{where}.script", f"{served.model} plays no script")


def _moderator(scenario: Scenario) -> Iterator[Remark]:
    chair = scenario.order.moderator
    if chair is not None and "next" not in scenario.agents[chair].tools:
        text = "the moderator has no tool 'next', so it cannot name anybody: write [talk, next]"
        yield Remark(f"agents.{chair}.tools", text)


_Found = Iterator[tuple[str, str]]


def _model(scenario: Scenario, agent: AgentSpec) -> _Found:
    from sandbox.errors import UnknownModel
    from sandbox.models.key_address import URL_VARIABLES
    from sandbox.models.known import doubt
    from sandbox.models.registry import split

    try:
        provider = split(agent.model).provider
    except UnknownModel as error:
        yield ".model", str(error)
        return
    if (text := doubt(agent.model)) is not None:
        yield ".model", text
    if provider == "scripted" and not agent.script:
        yield "", "a scripted model without a script never says a word"
    if provider not in URL_VARIABLES and agent.base_url is not None:
        yield ".base_url", f"{agent.model} is not asked at any address"


def _prompt(scenario: Scenario, agent: AgentSpec) -> _Found:
    if agent.system is None:
        return
    if agent.persona:
        yield ".persona", "not used: 'system' stands in its place"
    if scenario.premise:
        yield ".system", "the agent is not told the premise: 'system' stands in its place"


def _tools(scenario: Scenario, agent: AgentSpec) -> _Found:
    from sandbox.scenario.schema import BOX_TOOLS

    if agent.actions == "talk" and BOX_TOOLS.intersection(agent.tools):
        yield ".actions", "an agent of words only uses none of its tools"


def _script(scenario: Scenario, agent: AgentSpec) -> _Found:
    from agents.tools.schemas import SCHEMAS
    from sandbox.models.actions import check_call
    from sandbox.models.provider import ToolCall, ToolSpec

    tools = [ToolSpec(name, each["about"], each["schema"]) for name, each in SCHEMAS.items()]
    for at, line in enumerate(agent.script):
        if line.when is not None and (line.when.turn or 0) > scenario.limits.turns:
            yield f".script.{at}.when.turn", "never reached: the run is over by then"
        for action in line.do:
            for tool, args in action.items():
                wrong = check_call(ToolCall("", tool, args), tools)
                if tool not in agent.tools:
                    wrong = f"{tool!r} is none of the agent's tools, so it will be refused."
                if wrong is not None:
                    yield f".script.{at}.do", wrong.removesuffix(".")


_CHECKS: Final[tuple[Callable[[Scenario], Iterator[Remark]], ...]] = (
    _limits,
    _doors,
    _moderator,
)
_AGENT_CHECKS: Final[tuple[Callable[[Scenario, AgentSpec], _Found], ...]] = (
    _model,
    _prompt,
    _tools,
    _script,
)
