"""A share with its interval."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

__all__ = ["Share", "wilson"]

_Z: Final = 1.959963984540054
"""The normal quantile of 97.5 %."""


class Share(NamedTuple):
    """``hits`` of ``n``, and the bounds between which the true share lies with 95 %."""

    hits: int
    n: int
    value: float
    low: float
    high: float


def wilson(hits: int, n: int) -> Share:
    """Wilson's score interval (Wilson 1927); of nothing everything is possible."""
    if n == 0:
        return Share(0, 0, 0.0, 0.0, 1.0)
    share = hits / n
    spread = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    middle = share + _Z * _Z / (2 * n)
    scale = 1 + _Z * _Z / n
    return Share(
        hits, n, share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
    )
