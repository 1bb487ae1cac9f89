"""What is in a scenario, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.scenario.schema import AgentSpec, DoorsSpec, RoomSpec, Scenario

__all__ = ["HOLE", "summary"]

HOLE: Final = "HOLE"
"""The label of what a person must not overlook."""


def summary(scenario: Scenario) -> list[tuple[str, str]]:
    """Lines with a label; the label is empty where it is that of the line before."""
    rows = []
    for at, (name, agent) in enumerate(scenario.agents.items()):
        rows.append(("" if at else "agents", f"{name}  {agent.model}  {_tools(agent)}"))
    for at, (name, room) in enumerate(scenario.rooms.items()):
        rows.append(("" if at else "rooms", f"{name}  {_room(room)}"))
    order = scenario.order
    chair = f", {order.moderator} moderates" if order.moderator is not None else ""
    *ends, last = _ends(scenario)
    rows += [
        ("order", f"{order.kind}{chair}"),
        ("ends", f"{', '.join(ends)} or {last}" if ends else last),
        ("boxes", _boxes(scenario)),
    ]
    if scenario.isolation.planted_hole_for_demonstration is not None:
        rows.append(
            (HOLE, "every box has one, for demonstration: a folder of the host's at /mnt/host")
        )
    if scenario.doors is not None:
        rows.append(("doors", _doors(scenario.doors)))
    if scenario.asked:
        rows.append(("asked", ", ".join(scenario.asked)))
    return rows


def _tools(agent: AgentSpec) -> str:
    from sandbox.scenario.schema import TALK_TOOLS

    if not set(TALK_TOOLS) <= set(agent.tools):
        return ", ".join(agent.tools) or "no tools"
    return ", ".join(["talk", *(tool for tool in agent.tools if tool not in TALK_TOOLS)])


def _room(room: RoomSpec) -> str:
    members = "everybody" if room.members is None else ", ".join(room.members) or "nobody yet"
    if isinstance(room.enter, str):
        words = {"anyone": "anyone", "invited": "who is invited", "nobody": "nobody else"}
        return f"{members}; {words[room.enter]} may enter"
    return f"{members}; {', '.join(room.enter) or 'nobody else'} may enter"


def _ends(scenario: Scenario) -> Iterator[str]:
    limits, stop = scenario.limits, scenario.stop
    yield f"after {limits.turns:,} turns"
    if limits.seconds is not None:
        yield f"after {limits.seconds:g} s"
    if limits.tokens is not None:
        yield f"after {limits.tokens:,} tokens"
    if limits.money is not None:
        yield f"after {limits.money:g} USD"
    if stop.silence is not None:
        yield f"after {stop.silence} silent turns"
    if stop.word is not None:
        yield f"when an agent says {stop.word!r}"
    if stop.all_left:
        yield "when all have left"


def _boxes(scenario: Scenario) -> str:
    tier, box = scenario.least_tier, scenario.isolation
    least = "any tier" if tier == "none" else f"tier {tier} or stronger"
    cores = "core" if box.cpu == 1 else "cores"
    memory = f"{box.memory / (1 << 20):g} MiB"
    tools = ", tools" * (box.image == "tools")
    return f"{least}; {memory}, {box.cpu:g} {cores}, {box.pids} processes{tools}"


def _doors(doors: DoorsSpec) -> str:
    ajar = [name for name in ("models", "docker", "metadata", "kubernetes") if getattr(doors, name)]
    if doors.canaries:
        ajar.append(f"{len(doors.canaries)} planted")
    who = "everybody" if doors.agents is None else ", ".join(doors.agents) or "nobody"
    return f"{', '.join(ajar) or 'none'}; for {who}"
