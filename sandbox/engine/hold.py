"""Holding: messages that match the operator's filters wait, on record, before anybody hears them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sandbox.engine.state import State
from sandbox.transcript.event import Event

__all__ = ["Holding", "Matches", "matches", "message_of"]

Matches: TypeAlias = Callable[[str, str], bool | None]
"""Whether a pattern is in a text; None if that takes too long to be found out."""

_OF_THE_HOLD: Final = frozenset({"id", "hold", "kind", "seconds"})
"""What ``message.held`` tells beside the message itself."""


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is in a text, without a guard: for runs in memory."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def message_of(held: Event) -> dict[str, Any]:
    """The data of the message that waits."""
    return {key: value for key, value in held.data.items() if key not in _OF_THE_HOLD}


class Holding:
    """Which messages are to wait, and until when."""

    def __init__(self, state: State, look: Matches = matches) -> None:
        self.look = look
        self._state = state
        self._until: dict[int, float] = {}
        self._new: list[tuple[int, float]] = []

    def caught(
        self, kind: str, actor: str, room: str | None, data: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The data of ``message.held`` for a message that is to wait; None for one that is not.

        A pattern that takes too long counts as found: what cannot be judged is for the operator.
        """
        state = self._state
        where = room if room is not None else state.agents[actor].room
        for number, wanted in state.holds.items():
            if _fits(wanted, kind, actor, where) and self._worded(wanted, str(data["text"])):
                id = state.numbered.get("held", 0) + 1
                self._new.append((id, wanted["seconds"]))
                head = {"id": id, "hold": number, "kind": kind, "seconds": wanted["seconds"]}
                return head | dict(data)
        return None

    def _worded(self, wanted: Mapping[str, Any], text: str) -> bool:
        words, pattern = wanted.get("words"), wanted.get("pattern")
        if words is not None and words.casefold() not in text.casefold():
            return False
        return pattern is None or self.look(pattern, text) is not False

    # time ------------------------------------------------------------------------------------

    def wind(self, now: float) -> None:
        """Begin to count for what was held since the last call."""
        for id, seconds in self._new:
            self._until[id] = now + seconds
        self._new.clear()
        for id in self._until.keys() - self._state.held.keys():
            del self._until[id]

    def shift(self, seconds: float) -> None:
        """Time in which nobody's clock ran is added."""
        self._until = {id: until + seconds for id, until in self._until.items()}

    def due(self) -> float | None:
        """When a message has waited long enough; at once where it is not counted yet."""
        if self._new:
            return 0.0
        return min(self._until.values(), default=None)

    def late(self, now: float) -> list[int]:
        """The messages that have, in their order."""
        return sorted(id for id, until in self._until.items() if until <= now)


def _fits(wanted: Mapping[str, Any], kind: str, actor: str, room: str) -> bool:
    here = {"agent": actor, "room": room, "kind": kind}
    return all(wanted.get(name) in (None, value) for name, value in here.items())
