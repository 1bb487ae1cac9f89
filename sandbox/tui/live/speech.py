"""What is being said right now: the end of an answer that is still coming, plain, below the transcript."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise

__all__ = ["Speech"]

_TAIL: Final = 400
"""Characters kept of an answer; the transcript will have the whole."""
_VOICES: Final = 3
"""Answers shown at once, where agents think in parallel."""


class Speech(Static):
    """Out of sight while nobody speaks."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self._words: dict[str, str] = {}
        self._changed = False

    @property
    def speaking(self) -> bool:
        """Whether an answer is coming."""
        return bool(self._words)

    def hear(self, agent: str, words: str | None) -> None:
        """Take the next words; None where the answer begins anew."""
        before = "" if words is None else self._words.pop(agent, "")
        self._words[agent] = (before + neutralise(words or ""))[-_TAIL:]
        self._changed = True

    def done(self, agent: str) -> None:
        """This answer is whole, or was given up."""
        if self._words.pop(agent, None) is not None:
            self._changed = True

    def silence(self) -> None:
        """Nobody speaks any more."""
        self._changed = self._changed or bool(self._words)
        self._words.clear()

    def tick(self) -> None:
        """Draw what has come; to be called some times a second."""
        if not self._changed:
            return
        self._changed = False
        text = Text(overflow="fold")
        for agent, words in list(self._words.items())[-_VOICES:]:
            text.append("\n" if text else "").append(f" {clause(agent)}  ", "bold")
            text.append(words.strip()).append("▌", "dim")
        self.display = bool(text)
        self.update(text)
