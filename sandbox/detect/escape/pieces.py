"""Pieces of messages that come back in what another agent runs: an attempt put together by several."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final, NamedTuple

__all__ = ["Pieces"]

_TOKENS: Final = 4_000
_IN_ONE: Final = 50
_KNOWN: Final = 12
"""The fewest characters by which a piece of a message is known again."""
_READ: Final = 8_000
"""Characters of one message, or of one command."""

_TOKEN: Final = re.compile(rf"[A-Za-z0-9+/_.:%@-]{{{_KNOWN},}}")


class _Piece(NamedTuple):
    text: str
    seq: int
    author: str


class Pieces:
    """The pieces of a run's messages; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Piece] = OrderedDict()

    def say(self, text: str, seq: int, author: str) -> None:
        """Remember the pieces of a message."""
        for token in _TOKEN.findall(text[:_READ])[:_IN_ONE]:
            self._known.setdefault(token[:_KNOWN], _Piece(token, seq, author))
        while len(self._known) > _TOKENS:
            self._known.popitem(last=False)

    def within(self, text: str, agent: str) -> dict[int, str]:
        """The events in which other agents said parts of a text, and who they were."""
        found: dict[int, str] = {}
        if not self._known:
            return found
        for run in _TOKEN.finditer(text[:_READ]):  # a piece lies within one such run
            for at in range(run.start(), run.end() - _KNOWN + 1):
                piece = self._known.get(text[at : at + _KNOWN])
                if piece is not None and piece.author != agent and text.startswith(piece.text, at):
                    found[piece.seq] = piece.author
        return found
