"""A run that goes on: what was open when its engine ended is closed, and what it had no time to say is said."""

from __future__ import annotations

from sandbox.engine.desk import Desk
from sandbox.engine.operator import Hand
from sandbox.engine.past import Past
from sandbox.transcript.event import Event

__all__ = ["mend"]


def mend(desk: Desk, hand: Hand, past: Past, resumed: Event) -> None:
    """Record it right behind ``resumed``."""
    state, last = desk.state, past.last
    for found in past.unsaid:
        desk.record(found.kind, "watch", found.data, parent=None if last is None else last.seq)
    if state.playing is not None:
        lost = {"turn": state.playing, "agent": state.speaker}
        desk.record("turn.lost", "engine", lost, parent=resumed.seq)
    desk.flagged.extend(past.unfrozen.values())
    for id in list(state.held):
        hand.deliver(id, None, "the run was resumed")
    for agent in state.agents.values():
        if agent.status != "gone" and agent.home and not agent.room:
            why = {"reason": "left its last room"}
            desk.record("agent.left", agent.id, why, None, "all", resumed.seq)
            desk.step.departed.append(agent.id)
