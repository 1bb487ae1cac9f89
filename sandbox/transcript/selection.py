"""A part of a run: some of its turns, or one agent's share."""

from __future__ import annotations

from sandbox.transcript.event import Event

__all__ = ["Selection"]


class Selection:
    """Decides on the events of one run in their order, up to and including the bounds.

    An event belongs to the turn that began last before it; what comes before turn 1 belongs to turn 0.
    """

    def __init__(
        self, *, first: int | None = None, last: int | None = None, agent: str | None = None
    ) -> None:
        self._first = first
        self._last = last
        self._agent = agent
        self.turn = 0

    def takes(self, event: Event) -> bool:
        """Whether this event, the next one of the run, is of the part."""
        if event.kind in {"turn.offered", "turn.bid"}:
            turn = event.data.get("turn")
            self.turn = turn if isinstance(turn, int) else self.turn
        if self._first is not None and self.turn < self._first:
            return False
        return not self.over and (self._agent is None or _of(event, self._agent))

    @property
    def over(self) -> bool:
        """Whether nothing more can be of the part."""
        return self._last is not None and self.turn > self._last


def _of(event: Event, agent: str) -> bool:
    if event.actor == agent:
        return True
    data = event.data
    if event.kind == "flag":
        return data.get("agent") == agent
    alone = event.kind in {"whisper", "peer.message", "operator.whisper", "room.invited"}
    return alone and agent in (data.get("to"), data.get("agent"))
