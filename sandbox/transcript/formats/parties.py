"""Who took part, gathered while a transcript is read: in the order of their first words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.transcript.formats.foreign import Party

__all__ = ["Parties"]


class Parties:
    """The parties of one transcript. What becomes known later is added; what was known first stands."""

    def __init__(self) -> None:
        self._known: dict[str, Party] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __getitem__(self, name: str) -> Party:
        return self._known[name]

    def add(
        self,
        name: str,
        *,
        model: str | None = None,
        system: str | None = None,
        human: bool = False,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """Note a party, and return its name."""
        known = self._known.get(name)
        if known is None:
            self._known[name] = Party(name, model, system, human, more or {})
        elif (model and not known.model) or (system and not known.system) or more:
            self._known[name] = replace(
                known,
                model=known.model or model,
                system=known.system or system,
                more={**(more or {}), **known.more},
            )
        return name

    def all(self) -> list[Party]:
        """Return everybody so far."""
        return list(self._known.values())
