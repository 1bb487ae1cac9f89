"""What follows a flag that the scenario wants more of than a line in the record: a box is frozen, or the run ends.

Sans-I/O, a part of the core. What a flag asks for is in the flag; whether a box stands still is in the
state, as a fold over the events: nothing is frozen twice because its flag is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any, Final

from sandbox.engine.desk import Desk
from sandbox.engine.keeping import Keeping
from sandbox.engine.step import Freeze, Frozen
from sandbox.engine.stops import Ending
from sandbox.transcript.event import Event

__all__ = ["STOPPED", "again", "due", "frozen"]

STOPPED: Final = "flagged"
"""The reason of a run that a flag has ended."""


def due(desk: Desk, keeping: Keeping) -> Iterator[Ending | str]:
    """What flags ask for that came since the last call: the run's end, or the agent whose box is frozen now."""
    while desk.flagged:
        flag = desk.flagged.popleft()
        if desk.state.ended is not None or keeping.ending is not None:
            continue
        if flag.data["reaction"] == "stop":
            detail = f"{flag.data['id']}, event {flag.seq}: {flag.data['title']}"
            yield Ending(STOPPED, detail)
        elif (agent := _begin(desk, keeping, flag)) is not None:
            yield agent


def _begin(desk: Desk, keeping: Keeping, flag: Event) -> str | None:
    """Have the box of a flag's agent frozen; None if it is no agent's, or one that has gone, or is frozen."""
    agent = desk.state.agents.get(str(flag.data["agent"]))
    if agent is None or agent.status == "gone" or agent.frozen or agent.id in keeping.freezing:
        return None
    keeping.freezing.add(agent.id)
    desk.step.freezes.append(Freeze(agent.id, desk.state.turn, flag.seq, str(flag.data["title"])))
    return agent.id


def again(desk: Desk, keeping: Keeping, stood: MutableMapping[str, Event], agent: str) -> None:
    """Have the new box of an agent frozen whose box was (``stood``) when the run ended before.

    Only once its process has said hello and its folder is put back: a box that stands still does neither.
    """
    one = desk.state.agents[agent]
    if agent not in stood or one.status != "here" or agent in keeping.busy:
        return
    before = stood.pop(agent)
    if one.frozen and agent not in keeping.freezing:
        keeping.freezing.add(agent)
        flag, why = before.data.get("flag"), str(before.data["why"])
        desk.step.freezes.append(Freeze(agent, desk.state.turn, flag, why, again=True))


def frozen(desk: Desk, freeze: Freeze, done: Frozen) -> bool:
    """Record that a box stands still, or why it could not and its agent is out.

    Returns whether the agent has to go. Of one that has gone meanwhile there is nothing to tell.
    """
    agent = freeze.agent
    if desk.state.agents[agent].status == "gone":
        return False
    if freeze.again and not desk.state.agents[agent].frozen and not done.failed:
        desk.step.thaws.append(agent)  # the operator was quicker
        return False
    for one in done.noted:
        desk.record(one.kind, agent, one.data, parent=freeze.flag)
    if done.failed:
        why = f"its box could not be frozen, so it was ended: {done.failed}"
        desk.record("agent.died", agent, {"reason": why, "code": None}, None, "all", freeze.flag)
        return True
    data: dict[str, Any] = {"why": freeze.why}
    data |= {} if freeze.flag is None else {"flag": freeze.flag}
    data |= {} if done.manifest is None else {"manifest": done.manifest}
    desk.record("box.frozen", agent, data, parent=freeze.flag)
    return False
