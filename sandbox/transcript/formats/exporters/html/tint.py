"""Whose colour is which: the cast's in its order, as on a terminal."""

from __future__ import annotations

from typing import Final

from sandbox.console.styles import AGENTS
from sandbox.transcript.formats.exporters.survey import Survey

__all__ = ["Tints"]

_HOUSE: Final = frozenset({"engine", "watch", "operator"})


class Tints:
    """Gives everybody a class of the style sheet, ``a0`` to ``a6``; who was not announced gets the next."""

    def __init__(self, found: Survey) -> None:
        self._numbers = {name: number for number, name in enumerate(found.agents)}

    def of(self, actor: str) -> str:
        """Return the class with a space before it, to follow another one."""
        if actor in _HOUSE:
            return f" {actor}"
        number = self._numbers.setdefault(actor, len(self._numbers))
        return f" a{number % AGENTS}"
