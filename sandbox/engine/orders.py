"""Turn orders: pure functions of the run's state and the seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandbox.engine.state import State
from sandbox.scenario.schema import Order, OrderSpec

__all__ = ["draw", "next_speaker", "pick_bidder"]


def draw(choices: Sequence[str], seed: int, turn: int, salt: str = "") -> str:
    """Draw one of ``choices`` (not empty): the same for the same seed, turn and choices, on every machine.

    Not ``random.Random``: its sequences are no promise across Python versions, a hash is.
    """
    digest = hashlib.sha256(f"{seed}:{turn}:{salt}:{','.join(choices)}".encode()).digest()
    return choices[int.from_bytes(digest[:8], "big") % len(choices)]


def next_speaker(order: OrderSpec, state: State, seed: int) -> str | None:
    """Who has the next turn; None where nobody can, or where bids decide (order ``volunteer``)."""
    here = state.able()
    if not here:
        return None
    rule = _RULES.get(order.kind)
    return None if rule is None else rule(order, state, here, seed)


def pick_bidder(bids: Mapping[str, bool], seed: int, turn: int) -> str | None:
    """Draw one of those who want the floor; None where nobody does."""
    willing = sorted(agent for agent, wants in bids.items() if wants)
    return draw(willing, seed, turn, "bid") if willing else None


def _after(here: Sequence[str], state: State, last: str | None) -> str:
    """The next one that is here after ``last``, in the order of the scenario."""
    if last is None:
        return here[0]
    everybody = list(state.agents)
    start = everybody.index(last) + 1 if last in state.agents else 0
    ring = everybody[start:] + everybody[:start]
    present = set(here)
    return next(agent for agent in ring if agent in present)


def _round_robin(order: OrderSpec, state: State, here: Sequence[str], seed: int) -> str:
    return _after(here, state, state.last_speaker)


def _random(order: OrderSpec, state: State, here: Sequence[str], seed: int) -> str:
    """Anybody but the last speaker, unless alone."""
    others = [agent for agent in here if agent != state.last_speaker]
    return draw(others or list(here), seed, state.turn + 1)


def _addressed(order: OrderSpec, state: State, here: Sequence[str], seed: int) -> str:
    """Whoever was turned to; else the one who waited longest, the scenario's order deciding ties."""
    if state.chosen in here and state.chosen is not None:
        return state.chosen
    others = [agent for agent in here if agent != state.last_speaker] or list(here)
    return min(others, key=lambda agent: state.agents[agent].addressed)


def _moderator(order: OrderSpec, state: State, here: Sequence[str], seed: int) -> str:
    """The moderator, then whom it named (or who waited longest), then the moderator again."""
    chair = order.moderator
    others = [agent for agent in here if agent != chair]
    if chair not in here or chair is None:
        return _after(here, state, state.last_speaker)
    if state.last_speaker != chair or not others:
        return chair
    if state.chosen in others and state.chosen is not None:
        return state.chosen
    return min(others, key=lambda agent: state.agents[agent].addressed)


_RULES: Final[dict[Order, Callable[[OrderSpec, State, Sequence[str], int], str]]] = {
    "round-robin": _round_robin,
    "random": _random,
    "addressed": _addressed,
    "moderator": _moderator,
}
