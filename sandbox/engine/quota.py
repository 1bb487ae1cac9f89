"""Direct lines between agents, and how much one may say on them while one turn lasts."""

from __future__ import annotations

from typing import Final

from sandbox.engine.desk import Desk

__all__ = ["DirectLines"]

MESSAGES: Final = 32
CHARACTERS: Final = 16_384
"""Whoever hears it pays for reading it."""


class DirectLines:
    """Records what goes over direct lines, and counts each sender's messages of the present turn."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sent: dict[str, tuple[int, int, int]] = {}  # sender -> turn, messages, characters

    def send(self, sender: str, to: str, text: str) -> str | None:
        """Record a message; why it may not go, if it may not."""
        target = self._desk.state.agents.get(to)
        if target is None or target.status == "gone" or to == sender:
            return "no direct line there"
        if not self._allows(sender, self._desk.state.turn, text):
            return "too many words on direct lines in one turn"
        self._desk.speak("peer.message", sender, {"to": to, "text": text}, None, (sender, to))
        return None

    def _allows(self, sender: str, turn: int, text: str) -> bool:
        """Whether one more message may go; if so, it counts."""
        then, count, characters = self._sent.get(sender, (turn, 0, 0))
        if then != turn:
            count, characters = 0, 0
        count, characters = count + 1, characters + len(text)
        if count > MESSAGES or characters > CHARACTERS:
            return False
        self._sent[sender] = (turn, count, characters)
        return True
