"""What a model's tokens cost, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sandbox.models.known import known
from sandbox.models.known_file import LongPrompt, Source
from sandbox.models.provider import Usage

__all__ = ["Price", "cost", "price"]

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens in and out; ``cache_read`` and ``cache_write`` are factors on ``input``.

    A factor that is not known is 1: a cache is never thought cheaper than it is known to be.
    """

    input: float
    output: float
    cache_read: float = 1.0
    cache_write: float = 1.0
    long_prompt: LongPrompt | None = None
    source: Source = "yours"
    on: date | None = None

    def of(self, usage: Usage) -> float:
        """USD for one answer."""
        paid, got = self.input, self.output
        if self.long_prompt is not None and usage.tokens_in > self.long_prompt.over:
            paid, got = self.long_prompt.input, self.long_prompt.output
        plain = max(0, usage.tokens_in - usage.cache_read - usage.cache_write)
        cached = usage.cache_read * self.cache_read + usage.cache_write * self.cache_write
        return ((plain + cached) * paid + usage.tokens_out * got) / MILLION


def price(model: str) -> Price | None:
    """The price of ``provider/model``, under any of its names; None where it is not known.

    Raises:
        UsageError: the person's own ``models.toml`` is wrong.
    """
    facts = known(model).facts
    paid, got = facts.get("input"), facts.get("output")
    if paid is None or got is None:
        return None
    if not isinstance(paid.value, float) or not isinstance(got.value, float):
        return None
    read, write, long = (
        fact.value if (fact := facts.get(figure)) is not None else None
        for figure in ("cache_read", "cache_write", "long_prompt")
    )
    return Price(
        paid.value,
        got.value,
        read if isinstance(read, float) else 1.0,
        write if isinstance(write, float) else 1.0,
        long if isinstance(long, LongPrompt) else None,
        paid.source,
        paid.on,
    )


def cost(model: str, usage: Usage) -> float | None:
    """USD for one answer of ``provider/model``: as its provider says, else by its price, else None."""
    if usage.money is not None:
        return usage.money
    found = price(model)
    return None if found is None else found.of(usage)
