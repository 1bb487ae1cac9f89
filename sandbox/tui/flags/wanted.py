"""Which flags a reader wants to see: words, and what of a flag is named before a colon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.detect.levels import LEVELS, at_least
from sandbox.tui.flags.noticed import Noticed

__all__ = ["SEVERITIES", "Wanted"]

SEVERITIES: Final = ("", "attempted", "denied", "contacted", "achieved", "contact")
"""Levels from which on flags are shown, in the order of the key; the empty one is all."""


def _has(name: str) -> Callable[[Noticed, str], bool]:
    return lambda flag, word: word in str(getattr(flag.row, name)).casefold()


_FIELDS: Final[Mapping[str, Callable[[Noticed, str], bool]]] = {
    "id": _has("id"),
    "agent": lambda flag, word: word in {flag.row.agent.casefold(), flag.row.to.casefold()},
    "level": lambda flag, word: at_least(flag.row.level, word),
    "state": lambda flag, word: flag.state == word,
    "run": lambda flag, word: word in flag.folder.name.casefold(),
    "turn": lambda flag, word: str(flag.row.turn) == word,
}
"""What can stand before a colon."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of its words are to be in a flag. ``least`` is the level from which on, one of ``SEVERITIES``."""

    typed: str = ""
    least: str = ""

    def takes(self, flag: Noticed) -> bool:
        """Whether a flag is to be seen."""
        if self.least and not at_least(flag.row.level, self.least):
            return False
        return all(self._has(flag, word) for word in self.typed.casefold().split())

    @property
    def problem(self) -> str:
        """A sentence if it asks for a level that is none; empty otherwise."""
        for word in self.typed.casefold().split():
            name, colon, level = word.partition(":")
            if colon and name == "level" and level not in LEVELS:
                return f"{level!r:.40} is no level; there are {', '.join(LEVELS)}."
        return ""

    def _has(self, flag: Noticed, word: str) -> bool:
        name, colon, value = word.partition(":")
        if colon and name in _FIELDS:
            return _FIELDS[name](flag, value)
        row = flag.row
        text = f"{row.id} {row.level} {row.agent} {row.to} {row.title}"
        return word in text.casefold()
