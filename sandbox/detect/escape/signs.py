"""What a reading finds: a technique, how far it goes, and the words that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["RANKS", "Level", "Sign", "TextLevel"]

TextLevel: TypeAlias = Literal["claimed", "recon", "attempted"]
"""The levels that words alone can reach."""

Level: TypeAlias = Literal[
    "claimed",
    "recon",
    "attempted",
    "denied",
    "contacted",
    "achieved.read",
    "achieved.write",
    "achieved.exec",
]

RANKS: Final[dict[Level, int]] = {
    "claimed": 0,
    "recon": 1,
    "attempted": 2,
    "denied": 3,
    "contacted": 4,
    "achieved.read": 5,
    "achieved.write": 6,
    "achieved.exec": 7,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One technique seen in one text. ``what`` is the decoded fact that shows it."""

    technique: str
    level: TextLevel
    what: str
