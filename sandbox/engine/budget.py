"""Budgets: what models may cost, per run and per agent. Estimated before a turn, settled after each call.

Pure: reads the state, decides. An agent whose next call would go beyond a limit does not get the
floor any more; a turn that has begun is played to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sandbox.engine.cast import BYTES_PER_TOKEN
from sandbox.engine.state import State
from sandbox.scenario.schema import Scenario

__all__ = [
    "WARN_AT",
    "Estimate",
    "Limit",
    "estimate",
    "limits_of",
    "spent",
    "strained",
    "told",
    "used_up",
]

What: TypeAlias = Literal["tokens", "money"]

WARN_AT: Final = 0.8
"""The share of a limit at which a person is warned, once."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget of the run (``agent`` None) or of one agent; tokens, or USD."""

    what: What
    limit: float
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an agent's next call will cost, as far as can be told; ``money`` is 0 without a price."""

    tokens: float
    money: float


def limits_of(scenario: Scenario) -> list[Limit]:
    """Every budget of a scenario, the run's first."""
    limits = list(_limits(None, scenario.limits.tokens, scenario.limits.money))
    for agent, spec in scenario.agents.items():
        if spec.budget is not None:
            limits += _limits(agent, spec.budget.tokens, spec.budget.money)
    return limits


def _limits(agent: str | None, tokens: int | None, money: float | None) -> Iterator[Limit]:
    if tokens is not None:
        yield Limit("tokens", tokens, agent)
    if money is not None:
        yield Limit("money", money, agent)


def estimate(
    state: State, agent: str, sent_bytes: int, price: tuple[float, float] | None
) -> Estimate:
    """Estimate an agent's next call: what it will be sent, and an answer like its earlier ones.

    Args:
        state: where the run stands.
        agent: whose call it is.
        sent_bytes: of what its model would be sent.
        price: USD per million tokens in and out; None if unknown.
    """
    account = state.agents[agent]
    tokens_in = sent_bytes / BYTES_PER_TOKEN
    tokens_out = account.tokens_out / account.thinks if account.thinks else 0.0
    money = 0.0
    if price is not None:
        money = (tokens_in * price[0] + tokens_out * price[1]) / 1_000_000
    return Estimate(tokens_in + tokens_out, money)


def spent(state: State, limit: Limit) -> float:
    """What counts against a limit so far."""
    account = state.totals if limit.agent is None else state.agents[limit.agent]
    if limit.what == "money":
        return account.money
    return account.tokens_in + account.tokens_out


def used_up(limits: list[Limit], state: State, agent: str, coming: Estimate) -> Limit | None:
    """The first budget that leaves no room for an agent's next call."""
    for limit in limits:
        if limit.agent not in (None, agent):
            continue
        used = spent(state, limit)
        next_call = coming.tokens if limit.what == "tokens" else coming.money
        if used >= limit.limit or (used > 0 and used + next_call > limit.limit):
            return limit
    return None


def strained(limits: list[Limit], state: State, warned: set[Limit]) -> Iterator[Limit]:
    """Budgets of which so much is spent that a person should know, each once."""
    for limit in limits:
        if limit not in warned and spent(state, limit) >= limit.limit * WARN_AT:
            warned.add(limit)
            yield limit


def told(state: State, limit: Limit) -> Mapping[str, Any]:
    """The data of an event about a budget."""
    used = spent(state, limit)
    unit = "tokens" if limit.what == "tokens" else "USD"
    whose = "the run" if limit.agent is None else limit.agent
    detail = f"{whose} has used {used:.6g} {unit} of {limit.limit:.6g}"
    head = {"what": limit.what, "agent": limit.agent, "limit": limit.limit}
    return head | {"used": round(used, 6), "detail": detail}
