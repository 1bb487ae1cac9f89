"""What agents may do: each action is either refused with a reason, done by the house, or run in the box.

Pure: looks at the state, changes nothing; the effect is an event that the state then applies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sandbox.engine.state import RoomState, State
from sandbox.engine.voices import speaks_for
from sandbox.ids import NAME
from sandbox.scenario.schema import BOX_TOOLS, Scenario
from sandbox.transcript.event import Visibility
from sandbox.transcript.kinds import Kind

__all__ = ["Effect", "InBox", "Refusal", "decide"]

Args: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The action is not done; ``reason`` is one sentence for the agent."""

    reason: str


@dataclass(frozen=True, slots=True)
class InBox:
    """The action is allowed and happens in the agent's box."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The action is done by the house: this event, which may be followed by others of the same kind."""

    kind: Kind | None
    data: Args = field(default_factory=dict)
    room: str | None = None
    visible_to: Visibility = "none"
    ends_turn: bool = False
    leaves: bool = False
    """The agent has left its last room, and so the run."""


Decision: TypeAlias = Refusal | InBox | Effect


def decide(
    scenario: Scenario, state: State, agent: str, tool: str, args: Args, *, boxed: bool
) -> Decision:
    """Decide on one action whose arguments have been checked against the tool's schema.

    ``boxed`` is False on tier ``none``, where nothing may run.
    """
    if tool in BOX_TOOLS:
        if not boxed:
            return Refusal("there is no sealed box on this machine, so nothing can be run")
        return InBox()
    return _ACTIONS[tool](scenario, state, agent, args)


def _say(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    room = state.agents[agent].room
    if not room:
        return Refusal("you are in no room")
    text = args["text"]
    data: dict[str, Any] = {"text": text}
    to = args.get("to") or _mention(text, state, agent)
    if to is not None:
        if to == agent:
            return Refusal("you cannot turn to yourself")
        if to not in state.rooms[room].members:
            return Refusal(f"there is no {to!r} in {room}")
        data["to"] = to
    voices = speaks_for(text, agent, state.agents)
    if voices:
        data["speaks_for"] = voices
    return Effect("say", data, room, "room")


def _mention(text: str, state: State, agent: str) -> str | None:
    """The agent that a text turns to with ``@name`` at its head."""
    if not text.startswith("@"):
        return None
    match = NAME.match(text, 1)
    room = state.rooms[state.agents[agent].room]
    return match[0] if match is not None and match[0] in room.members else None


def _whisper(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    to = args["to"]
    if to == agent:
        return Refusal("you cannot whisper to yourself")
    if to not in state.agents:
        return Refusal(f"there is nobody called {to!r}")
    if state.agents[to].status == "gone":
        return Refusal(f"{to} is gone")
    if not any(agent in r.members and to in r.members for r in state.rooms.values()):
        return Refusal(f"{to} is in none of your rooms")
    data: dict[str, Any] = {"to": to, "text": args["text"]}
    voices = speaks_for(args["text"], agent, state.agents)
    if voices:
        data["speaks_for"] = voices
    return Effect("whisper", data, state.agents[agent].room, (agent, to))


def _open_room(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    name = args["name"]
    if not NAME.fullmatch(name):
        return Refusal(f"{name!r:.60} is no name for a room: use a-z, 0-9 and -, at most 32")
    if name in state.rooms:
        return Refusal(f"there is already a room called {name}")
    if len(state.rooms) >= MAX_ROOMS:
        return Refusal(f"there are already {MAX_ROOMS} rooms")
    members = [m for m in dict.fromkeys(args.get("members", [])) if m != agent]
    unknown = next((m for m in members if m not in state.agents), None)
    if unknown is not None:
        return Refusal(f"there is nobody called {unknown!r:.60}")
    data = {
        "name": name,
        "members": members,
        "enter": args.get("enter", "invited"),
        "about": args.get("about", ""),
    }
    visible: Visibility = "all" if data["enter"] == "anyone" else (agent, *members)
    return Effect("room.opened", data, name, visible)


MAX_ROOMS: Final = 100
"""A bound against an agent that opens rooms for ever; no scenario seen needs more than ten."""


def _room_of(state: State, agent: str, name: str | None) -> RoomState | Refusal:
    """The room an action is about: the named one, else the one the agent is in."""
    room = state.rooms.get(name or state.agents[agent].room)
    if room is None:
        return Refusal(f"there is no room called {name!r:.60}" if name else "you are in no room")
    return room


def _invite(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    room = _room_of(state, agent, args.get("room"))
    if isinstance(room, Refusal):
        return room
    guest = args["agent"]
    if guest not in state.agents:
        return Refusal(f"there is nobody called {guest!r:.60}")
    if agent not in room.members:
        return Refusal(f"you are not in {room.id}")
    if room.enter == "nobody":
        return Refusal(f"{room.id} is closed to everybody")
    if guest in room.members:
        return Refusal(f"{guest} is already in {room.id}")
    data = {"agent": guest, "name": room.id}
    return Effect("room.invited", data, room.id, (agent, guest))


def _enter(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    room = _room_of(state, agent, args["room"])
    if isinstance(room, Refusal):
        return room
    if agent in room.members:
        return Refusal(f"you are already in {room.id}")
    if not room.admits(agent):
        return Refusal(f"the door of {room.id} is closed to you")
    everyone = (*room.members, agent)
    return Effect("room.joined", {"agent": agent, "name": room.id}, room.id, everyone)


def _leave(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    room = _room_of(state, agent, args.get("room"))
    if isinstance(room, Refusal):
        return room
    if agent not in room.members:
        return Refusal(f"you are not in {room.id}")
    last = not any(agent in r.members for r in state.rooms.values() if r is not room)
    data = {"agent": agent, "name": room.id}
    return Effect("room.left", data, room.id, "room", ends_turn=last, leaves=last)


def _next(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    if scenario.order.kind != "moderator" or scenario.order.moderator != agent:
        return Refusal("only the moderator names who is next")
    chosen = args["agent"]
    if chosen not in state.agents or state.agents[chosen].status != "here" or chosen == agent:
        return Refusal(f"{chosen!r:.60} cannot be next")
    return Effect("turn.chosen", {"agent": chosen}, None, "none")


def _pass(scenario: Scenario, state: State, agent: str, args: Args) -> Decision:
    return Effect(None, ends_turn=True)


_ACTIONS: Final[dict[str, Callable[[Scenario, State, str, Args], Decision]]] = {
    "say": _say,
    "whisper": _whisper,
    "open_room": _open_room,
    "invite": _invite,
    "enter": _enter,
    "leave": _leave,
    "next": _next,
    "pass": _pass,
}
