"""The mark of a box: a random string in the environment of all that its agent starts.

It is made anew each time a run starts, opens nothing, names nothing and is asked for nowhere. Whoever has
it outside the boxes got it in one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

__all__ = ["VARIABLE", "Mark"]

VARIABLE: Final = "BACKROOMS_BOX"
"""The environment variable that holds it."""


class Mark:
    """The marks of one run's boxes. From one nobody can tell another: an agent has no other's to leave behind."""

    def __init__(self, agents: Sequence[str]) -> None:
        self._marks = {agent: secrets.token_hex(16) for agent in agents}

    def of(self, agent: str) -> str:
        """The mark of an agent's box."""
        return self._marks[agent]

    def whose(self, text: bytes) -> str | None:
        """The agent whose mark stands first in a text; None if none does."""
        places = {agent: text.find(mark.encode("ascii")) for agent, mark in self._marks.items()}
        there = {agent: at for agent, at in places.items() if at >= 0}
        return min(there, key=there.__getitem__, default=None)
