"""Why a run ends: limits and stop rules, looked at after each turn."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.engine.state import State
from sandbox.scenario.schema import Scenario

__all__ = ["Ending", "said_word", "why_end"]


@dataclass(frozen=True, slots=True)
class Ending:
    """The reason in one word, and in a sentence."""

    reason: str
    detail: str


def why_end(scenario: Scenario, state: State, seconds: float) -> Ending | None:
    """The first rule that ends the run now, at a turn boundary; ``seconds`` is its age."""
    limits, stop = scenario.limits, scenario.stop
    if not any(agent.status != "gone" for agent in state.agents.values()) and stop.all_left:
        return Ending("all-left", "every agent has left or died")
    if state.turn >= limits.turns:
        return Ending("turns", f"{limits.turns} turns were played")
    if limits.seconds is not None and seconds >= limits.seconds:
        return Ending("seconds", f"the limit of {limits.seconds:g} s is reached")
    if stop.silence is not None and state.silence >= stop.silence:
        return Ending("silence", f"{state.silence} turns in a row without a word")
    if not state.present():
        return Ending("all-left", "no agent is left")
    if not state.able():
        return Ending("frozen", f"every agent that is left is frozen: {', '.join(state.present())}")
    return None


def said_word(scenario: Scenario, text: str) -> Ending | None:
    """The end that an agent's words bring about; None if they do not.

    A line must be exactly the word: quoting the rule does not end a run.
    """
    word = scenario.stop.word
    if word is None or not any(line.strip() == word for line in text.splitlines()):
        return None
    return Ending("word", f"the word {word!r} was said")
