"""Numbers in hostile text: not everything that looks like digits is a number that may be read."""

from __future__ import annotations

from typing import Final

__all__ = ["decimal"]

_LONGEST: Final = 9
"""Digits; Python refuses thousands of them, and no port, column or position has more."""


def decimal(text: str) -> int | None:
    """The number that a text of at most nine digits is; None for others, such as ``²``."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST else None
