"""What one agent could perceive: who is in which room follows from joins and leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.console.fields import listed
from sandbox.transcript.event import Event

__all__ = ["Presence"]


class Presence:
    """The rooms that an agent is in. ``home`` is the one it began in, empty if in none."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._rooms: dict[str, bool] = {}
        self.home = ""

    def perceives(self, event: Event) -> bool:
        """Take in the next event; whether the agent could perceive it."""
        if event.kind == "run.started":
            self._begin(event.data)
        elif event.actor == self._agent and event.kind in {"room.joined", "room.opened"}:
            self._rooms[str(event.data.get("name"))] = True
        elif event.actor == self._agent and event.kind == "room.left":
            self._rooms[str(event.data.get("name"))] = False
        if event.visible_to == "room":
            # A room that was never told of, as in records of other makes, holds everybody.
            return self._rooms.get(event.room or "", True)
        return event.visible_to == "all" or self._agent in event.visible_to

    def _begin(self, data: Mapping[str, Any]) -> None:
        rooms = data.get("rooms")
        for name, spec in rooms.items() if isinstance(rooms, Mapping) else ():
            here = isinstance(spec, Mapping) and self._agent in listed(spec, "members")
            self._rooms[name] = here
            self.home = self.home or (name if here else "")
