"""The end of a run: what is still to be told is recorded, and everybody is told that it is over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agents import wire
from sandbox.engine.desk import Desk
from sandbox.engine.stops import Ending

__all__ = ["close"]


def close(desk: Desk, ending: Ending, seconds: float, now: float) -> None:
    """Record the end of a run that was played for so many ``seconds``."""
    desk.write_refusals(now, all_of_them=True)
    for agent in desk.state.present():
        desk.couriers[agent].forget()
        desk.tell(agent, wire.Stop(ending.reason))
    data: dict[str, Any] = {"reason": ending.reason, "detail": ending.detail}
    data |= {"turns": desk.state.turn, "seconds": round(seconds, 3)}
    data["totals"] = asdict(desk.state.totals)
    if watched := desk.watched():
        data["watch"] = dict(watched)
    desk.record("run.ended", "engine", data)
    desk.step.ended = True
