"""A run in numbers: what two runs are set beside each other by."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.engine.scene import apply_leniently
from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["Tally", "Tallying"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run came to.

    ``words`` are those that agents sent to each other, parted by spaces; ``rooms`` counts those there
    ever were; ``end`` is the reason, None while the run is open or where its engine was killed.
    """

    turns: int
    events: int
    says: int
    whispers: int
    words: int
    actions: int
    refused: int
    tokens_in: int
    tokens_out: int
    flags: int
    rooms: int
    end: str | None


class Tallying:
    """Counts the events of one run as they come."""

    def __init__(self) -> None:
        self._state = State()
        self.events = 0
        """How many it has counted."""
        self._words = 0

    def take(self, event: Event) -> None:
        """Count an event, the next one of the run."""
        apply_leniently(self._state, event)
        self.events += 1
        text = event.data.get("text") if event.kind in SPEECH else None
        if isinstance(text, str) and event.actor != "operator":
            self._words += len(text.split())

    def tally(self) -> Tally:
        """The numbers so far."""
        state, totals = self._state, self._state.totals
        return Tally(
            turns=state.turn,
            events=self.events,
            says=totals.says,
            whispers=totals.whispers,
            words=self._words,
            actions=totals.actions,
            refused=totals.refused,
            tokens_in=totals.tokens_in,
            tokens_out=totals.tokens_out,
            flags=totals.flags,
            rooms=len(state.rooms),
            end=state.ended,
        )
