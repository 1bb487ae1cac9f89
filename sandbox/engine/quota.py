"""How much one agent may say on direct lines while one turn lasts."""

from __future__ import annotations

from typing import Final

__all__ = ["PeerQuota"]

MESSAGES: Final = 32
CHARACTERS: Final = 16_384
"""Whoever hears it pays for reading it."""


class PeerQuota:
    """Counts each sender's messages of the present turn."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[int, int, int]] = {}  # sender -> turn, messages, characters

    def allows(self, sender: str, turn: int, text: str) -> bool:
        """Whether one more message may go; if so, it counts."""
        then, count, characters = self._sent.get(sender, (turn, 0, 0))
        if then != turn:
            count, characters = 0, 0
        count, characters = count + 1, characters + len(text)
        if count > MESSAGES or characters > CHARACTERS:
            return False
        self._sent[sender] = (turn, count, characters)
        return True
