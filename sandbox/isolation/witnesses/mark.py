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
BEHIND: Final = 4
"""Digits behind what all marks of a run have in common: they count the agents."""


class Mark:
    """The marks of one run's boxes."""

    def __init__(self, agents: Sequence[str]) -> None:
        self._agents = tuple(agents)
        self._common = secrets.token_hex(14)

    @property
    def common(self) -> bytes:
        """What the marks of all boxes begin with; ``BEHIND`` digits follow."""
        return self._common.encode("ascii")

    def of(self, agent: str) -> str:
        """The mark of an agent's box."""
        return f"{self._common}{self._agents.index(agent):0{BEHIND}x}"

    def whose(self, text: bytes) -> str | None:
        """The agent whose mark stands first in a text; None if none does."""
        at = text.find(self.common)
        if at < 0:
            return None
        behind = text[at + len(self.common) :][:BEHIND]
        try:
            return self._agents[int(behind, 16)]
        except (ValueError, IndexError):
            return None
