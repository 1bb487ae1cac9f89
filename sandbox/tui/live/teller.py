"""A run told in lines, of all rooms or of one."""

from __future__ import annotations

from sandbox.console.lines import Line
from sandbox.console.narrator import Narrator
from sandbox.engine.scene import apply_leniently
from sandbox.engine.state import State
from sandbox.transcript.event import Event

__all__ = ["Teller"]


class Teller:
    """Give it every event from the first one; it tells those of its room.

    An agent's thoughts and actions belong to the room that it is in. What belongs to no room and to no
    agent is told in every one.

    Args:
        room: None is all of them.
    """

    def __init__(self, room: str | None = None) -> None:
        self.room = room
        self.state = State()
        """Where the run stands behind the last event."""
        self._narrator = Narrator()

    def tell(self, event: Event) -> list[Line]:
        """Move on by one event, and tell it."""
        here = self.room is None or self._here(event)
        apply_leniently(self.state, event)
        lines = self._narrator.narrate(event)
        return lines if here or self._here(event) else []

    def _here(self, event: Event) -> bool:
        """Whether it is of this room as the state is now; asked before and after somebody moves."""
        if event.room is not None:
            return event.room == self.room
        one = self.state.agents.get(event.actor)
        return one is None or one.room == self.room
