"""Whether an agent can have a turn with what its budget leaves, and what is recorded if it cannot."""

from __future__ import annotations

from sandbox.engine import budget
from sandbox.engine.desk import Desk
from sandbox.engine.stops import Ending

__all__ = ["Left", "refuse"]


class Left:
    """The agent has left, since its own budget is spent."""


def refuse(desk: Desk, agent: str, drawn_in: int | None) -> Ending | Left | None:
    """Record that there is no room for a turn; the end of the run if it is the run's budget, None if there is.

    ``drawn_in`` is the turn that has begun with bids, and ends here if the winner cannot pay.
    """
    if not desk.budgets:
        return None
    context = desk.gateway.contexts[agent]
    coming = budget.estimate(desk.state, agent, context.sent_bytes, context.member.price)
    limit = budget.used_up(desk.budgets, desk.state, agent, coming)
    if limit is None:
        return None
    data = budget.told(desk.state, limit)
    event = desk.record("budget.spent", "engine", data)
    if drawn_in is not None:
        lost = {"turn": drawn_in, "agent": agent, "reason": "budget", "thinks": 0}
        desk.record("turn.ended", "engine", lost, parent=event.seq)
    if limit.agent is None:
        return Ending(limit.what, data["detail"])
    desk.record("agent.left", agent, {"reason": "its budget is spent"}, None, "all")
    return Left()
