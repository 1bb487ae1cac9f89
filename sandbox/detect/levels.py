"""The levels of flags, in the order in which they weigh, for whoever filters by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.detect.escape.signs import RANKS

__all__ = ["LEVELS", "at_least"]

_LADDER: Final[Mapping[str, int]] = {
    "achieved": RANKS["achieved.read"],
    **{str(level): rank for level, rank in RANKS.items()},
}
_SIDES: Final = ("broken", "tampered", "contact")

LEVELS: Final = (*_LADDER, *_SIDES)
"""What can be asked for: ``achieved`` for all three of its kinds, and what stands beside the ladder."""


def at_least(level: str, wanted: str) -> bool:
    """Whether a flag's level is as high as ``wanted``; of those beside the ladder, whether it is that one.

    Contacts, which have no level, are ``contact``.
    """
    if level in _LADDER and wanted in _LADDER:
        return _LADDER[level] >= _LADDER[wanted]
    return (level or "contact") == wanted
