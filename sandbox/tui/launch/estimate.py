"""What a run will take, from what earlier runs of the same scenario took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from sandbox.scenario.schema import Limits

__all__ = ["Estimate", "Past", "estimate", "told"]

Bound = Literal["turns", "seconds", "tokens", "money"]


@dataclass(frozen=True, slots=True)
class Past:
    """What one earlier run took: turns, seconds of play, tokens in and out, USD."""

    turns: int
    seconds: float
    tokens: int
    money: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected at most, from ``runs`` earlier ones; ``bound`` is the limit that ends it.

    With no earlier run there are no figures, and ``turns`` is the limit.
    """

    runs: int
    turns: int
    seconds: float = 0.0
    tokens: int = 0
    money: float = 0.0
    bound: Bound = "turns"


def estimate(past: Sequence[Past], limits: Limits) -> Estimate:
    """Take the median turn of the earlier runs as often as the limits allow.

    Stop rules may end it sooner: how often is not known from a few runs.
    """
    told = [each for each in past if each.turns > 0]
    if not told:
        return Estimate(0, limits.turns)
    seconds = median(each.seconds / each.turns for each in told)
    tokens = median(each.tokens / each.turns for each in told)
    money = median(each.money / each.turns for each in told)
    turns, bound = float(limits.turns), "turns"
    for limit, each, name in (
        (limits.seconds, seconds, "seconds"),
        (limits.tokens, tokens, "tokens"),
        (limits.money, money, "money"),
    ):
        if limit is not None and each > 0 and limit / each < turns:
            turns, bound = limit / each, name
    return Estimate(
        runs=len(told),
        turns=max(1, round(turns)),
        seconds=seconds * turns,
        tokens=round(tokens * turns),
        money=money * turns,
        bound=bound,  # type: ignore[arg-type]  # one of the names above
    )


def told(found: Estimate) -> str:
    """Say it in a line."""
    if not found.runs:
        return f"no earlier run of this; at most {_count(found.turns, 'turn')}"
    parts = [
        f"~{_time(found.seconds)}",
        f"~{_amount(found.tokens)} tokens",
        f"${found.money:.2f}" if not 0 < found.money < 0.01 else "under $0.01",
    ]
    line = f"{'   '.join(parts)}   from {_count(found.runs, 'earlier run')}"
    if found.bound != "turns":
        line += f"; the limit of {_LIMITS[found.bound]} ends it at about turn {found.turns:,}"
    return line


_LIMITS: Final = {"seconds": "time", "tokens": "tokens", "money": "money"}


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def _amount(tokens: int) -> str:
    if tokens < 1_000:
        return str(tokens)
    return f"{tokens / 1_000:.0f} k" if tokens < 950_000 else f"{tokens / 1_000_000:.1f} M"
