"""Sizes as people read them."""

from __future__ import annotations

__all__ = ["size"]


def size(count: int) -> str:
    """Write a number of bytes: ``121 MB``, ``1.2 GB``."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count >= unit:
            amount = count / unit
            return f"{amount:.1f} {name}" if amount < 10 else f"{amount:.0f} {name}"
    return f"{count} B"
