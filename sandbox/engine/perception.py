"""Where a run stands and what each of its agents has perceived: moved on by events, live and out of a record."""

from __future__ import annotations

from typing import Final

from sandbox.engine.cast import cast_of
from sandbox.engine.state import State
from sandbox.models.context import Context
from sandbox.transcript.event import Event

__all__ = ["CASTS", "OWN", "Perception"]

CASTS: Final = frozenset({"run.started", "run.resumed"})
"""Kinds that say who plays, with which model: what they say holds until the next of them."""

OWN: Final = frozenset(
    {
        "think.request",
        "context.trimmed",
        "think.done",
        "action.intent",
        "action.refused",
        "action.result",
    }
    | {"room.opened", "room.invited", "room.joined", "room.left", "turn.chosen", "say", "whisper"}
    | {"message.held"}
)
"""Kinds of an agent's own events that its context is built from."""


class Perception:
    """The state of a run and the contexts of its agents.

    Args:
        contexts: to be filled; those of a gateway while a run is played.
        only: the one agent whose context is wanted; None for everybody's.
    """

    def __init__(
        self, contexts: dict[str, Context] | None = None, *, only: str | None = None
    ) -> None:
        self.state = State()
        self.contexts: dict[str, Context] = {} if contexts is None else contexts
        self._only = only

    def take(self, event: Event) -> list[str]:
        """Move on by one event, and give the agents other than its actor that perceive it.

        Raises:
            Damaged: it says who plays, and not as an engine does.
        """
        state, contexts, actor = self.state, self.contexts, event.actor
        if event.kind in CASTS:
            self._cast(event)
        viewers = state.viewers(event) if event.visible_to != "none" else ()
        state.apply(event)
        perceived_by = []
        for viewer in viewers:
            if viewer != actor and state.agents[viewer].status != "gone":
                perceived_by.append(viewer)
                if viewer in contexts:
                    contexts[viewer].feed(event)
        if event.kind in OWN and actor in contexts:
            contexts[actor].feed(event)
        return perceived_by

    def _cast(self, event: Event) -> None:
        for agent, member in cast_of(event.data).items():
            if agent in self.contexts:
                self.contexts[agent].recast(member)
            elif self._only in (None, agent):
                self.contexts[agent] = Context(member)
