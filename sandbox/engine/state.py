"""Where a run stands: rooms, members, agents, totals; a fold over its events and nothing else.

The engine, replay and resume all use it: the same events give the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["AgentState", "RoomState", "State", "Totals"]


@dataclass(slots=True)
class AgentState:
    """One agent: whether it takes part, the room it speaks in, and when it was last spoken to."""

    id: str
    home: str
    room: str
    status: Literal["expected", "here", "gone"] = "expected"
    muted: bool = False
    """The operator gives it no turns."""
    frozen: bool = False
    """Nothing in its box runs on, so it gets no turns either."""
    addressed: int = 0
    """The last turn in which somebody turned to this agent, or it had the floor."""
    thinks: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0


@dataclass(slots=True)
class RoomState:
    """One room: its members in the order of coming, and who may come in."""

    id: str
    members: dict[str, None] = field(default_factory=dict)
    enter: str | tuple[str, ...] = "invited"
    invited: set[str] = field(default_factory=set)
    about: str = ""

    def admits(self, agent: str) -> bool:
        """Whether this agent may come in now."""
        if self.enter == "anyone" or agent in self.invited:
            return True
        return not isinstance(self.enter, str) and agent in self.enter


@dataclass(slots=True)
class Totals:
    """What a run has seen so far."""

    thinks: int = 0
    says: int = 0
    whispers: int = 0
    actions: int = 0
    refused: int = 0
    flags: int = 0
    warnings: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0


@dataclass(slots=True)
class State:
    """The state of a run after its last applied event."""

    agents: dict[str, AgentState] = field(default_factory=dict)
    rooms: dict[str, RoomState] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    seq: int = 0
    turn: int = 0
    """The last turn that was offered or bid for, from 1; 0 before the first."""
    playing: int | None = None
    """The turn that has begun and not ended."""
    speaker: str | None = None
    """Who has the floor."""
    last_speaker: str | None = None
    chosen: str | None = None
    """Whom the moderator or an explicit ``to`` named for the next turn."""
    silence: int = 0
    """Ended turns in a row without a word from anyone."""
    spoke: bool = False
    ended: str | None = None
    paused: bool = False
    """The operator lets no turn begin, but for ``steps`` of them."""
    steps: int = 0
    limits: dict[str, float | None] = field(default_factory=dict)
    """Limits that the operator has set since it was last told what is played, by name."""
    holds: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """The operator's filters, by number: messages that match one wait for a decision."""
    held: dict[int, Event] = field(default_factory=dict)
    """The messages that wait, by number."""
    numbered: dict[str, int] = field(default_factory=dict)
    """The last number given to a filter and to a message that waits."""

    def apply(self, event: Event) -> None:
        """Move on by one event."""
        self.seq = event.seq
        change = _CHANGES.get(event.kind)
        if change is not None:
            change(self, event)

    def present(self) -> list[str]:
        """The agents that take part now, in the order of the scenario."""
        return [a.id for a in self.agents.values() if a.status == "here"]

    def able(self) -> list[str]:
        """Those of them that may have a turn."""
        agents = self.agents
        return [a for a in self.present() if not agents[a].muted and not agents[a].frozen]

    @property
    def stands(self) -> bool:
        """Whether the next turn waits for the operator."""
        if self.playing is not None or self.ended is not None:
            return False
        if self.held or (self.paused and not self.steps):
            return True
        # Of those that are frozen nobody is waited for: it takes no operator to freeze one.
        return not self.able() and any(not self.agents[a].frozen for a in self.present())

    def viewers(self, event: Event) -> Iterable[str]:
        """The agents that can perceive an event at the moment it happens."""
        to = event.visible_to
        if to == "none":
            return ()
        if to == "room":
            room = self.rooms.get(event.room or "")
            return tuple(room.members) if room is not None else ()
        if to == "all":
            return tuple(self.agents)
        return to


def _started(state: State, event: Event) -> None:
    for name, room in event.data["rooms"].items():
        enter = room["enter"]
        state.rooms[name] = RoomState(
            id=name,
            members=dict.fromkeys(room["members"]),
            enter=enter if isinstance(enter, str) else tuple(enter),
            about=room.get("about", ""),
        )
    for agent in event.data["agents"]:
        home = next((r.id for r in state.rooms.values() if agent in r.members), "")
        state.agents[agent] = AgentState(agent, home, home)


def _gone(state: State, event: Event) -> None:
    agent = state.agents[event.actor]
    agent.status = "gone"
    for room in state.rooms.values():
        room.members.pop(agent.id, None)


def _joined_run(state: State, event: Event) -> None:
    state.agents[event.actor].status = "here"


def _room_opened(state: State, event: Event) -> None:
    data = event.data
    enter = data["enter"]
    room = RoomState(
        id=data["name"],
        members={event.actor: None},
        enter=enter if isinstance(enter, str) else tuple(enter),
        invited=set(data["members"]),
        about=data.get("about", ""),
    )
    state.rooms[room.id] = room
    state.agents[event.actor].room = room.id


def _room_invited(state: State, event: Event) -> None:
    state.rooms[event.data["name"]].invited.add(event.data["agent"])


def _room_joined(state: State, event: Event) -> None:
    state.rooms[event.data["name"]].members[event.actor] = None
    state.agents[event.actor].room = event.data["name"]


def _room_left(state: State, event: Event) -> None:
    room = state.rooms[event.data["name"]]
    room.members.pop(event.actor, None)
    agent = state.agents[event.actor]
    if agent.room == room.id:
        agent.room = next((r.id for r in state.rooms.values() if agent.id in r.members), "")


def _begin_turn(state: State, event: Event) -> None:
    if state.playing is None:  # of a turn that was bid for, the offer comes second
        state.steps = max(0, state.steps - 1)
    state.turn = state.playing = event.data["turn"]


def _bid(state: State, event: Event) -> None:
    _begin_turn(state, event)
    state.chosen = None


def _offered(state: State, event: Event) -> None:
    _begin_turn(state, event)
    state.speaker = event.data["agent"]
    state.agents[event.data["agent"]].addressed = state.turn
    state.chosen = None
    state.spoke = False


def _turn_ended(state: State, event: Event) -> None:
    state.silence = 0 if state.spoke else state.silence + 1
    _close_turn(state)


def _turn_lost(state: State, event: Event) -> None:
    if state.spoke:
        state.silence = (
            0  # and without a word it is no silence either: nobody knows what was coming
        )
    _close_turn(state)


def _close_turn(state: State) -> None:
    state.last_speaker = state.speaker
    state.playing = state.speaker = None
    state.spoke = False


def _spoken(state: State, event: Event) -> None:
    state.spoke = True
    if event.kind == "say":
        state.totals.says += 1
    elif event.kind == "whisper":
        state.totals.whispers += 1
    to = event.data.get("to")
    if to in state.agents:
        state.agents[to].addressed = state.turn
        if event.kind == "say":
            state.chosen = to


def _chosen(state: State, event: Event) -> None:
    state.chosen = event.data["agent"]


def _thought(state: State, event: Event) -> None:
    data: Mapping[str, Any] = event.data
    for account in (state.totals, state.agents[event.actor]):
        account.thinks += 1
        account.tokens_in += data.get("tokens_in") or 0
        account.tokens_out += data.get("tokens_out") or 0
        account.money += data.get("money") or 0.0


def _asked_at_a_door(state: State, event: Event) -> None:
    """A model behind a door costs what any model costs, and is nobody's thought."""
    for account in (state.totals, state.agents[event.actor]):
        account.tokens_in += event.data.get("tokens_in") or 0
        account.tokens_out += event.data.get("tokens_out") or 0
        account.money += event.data.get("money") or 0.0


def _acted(state: State, event: Event) -> None:
    state.totals.actions += 1


def _refused(state: State, event: Event) -> None:
    state.totals.refused += 1


def _flagged(state: State, event: Event) -> None:
    state.totals.flags += 1
    state.totals.warnings += "reaction" in event.data


def _run_ended(state: State, event: Event) -> None:
    state.ended = event.data["reason"]


def _run_resumed(state: State, event: Event) -> None:
    if state.ended == "silence":
        state.silence = 0
    state.ended = None
    state.paused, state.steps = False, 0
    state.limits.clear()
    state.holds.clear()  # nobody may be there to decide
    for agent in state.agents.values():
        if agent.status == "here":
            agent.status = "expected"  # its process is a new one


def _paused(state: State, event: Event) -> None:
    state.paused, state.steps = True, 0


def _unpaused(state: State, event: Event) -> None:
    state.paused, state.steps = False, 0


def _stepped(state: State, event: Event) -> None:
    """One more turn; on a run that is not paused, the one that is being played is meant."""
    if state.paused or state.playing is None:
        state.steps += 1
    state.paused = True


def _muted(state: State, event: Event) -> None:
    state.agents[event.data["agent"]].muted = event.kind == "operator.mute"


def _frozen(state: State, event: Event) -> None:
    state.agents[event.actor].frozen = event.kind == "box.frozen"


def _limited(state: State, event: Event) -> None:
    state.limits[event.data["what"]] = event.data["new"]


def _hold(state: State, event: Event) -> None:
    state.numbered["hold"] = event.data["id"]
    state.holds[event.data["id"]] = event.data


def _unhold(state: State, event: Event) -> None:
    state.holds.pop(event.data["id"], None)


def _held(state: State, event: Event) -> None:
    state.numbered["held"] = event.data["id"]
    state.held[event.data["id"]] = event
    state.spoke = True  # its words are on record, whoever hears them


def _decided(state: State, event: Event) -> None:
    state.held.pop(event.data["id"], None)


_SPOKEN: Final[dict[str, Callable[[State, Event], None]]] = dict.fromkeys(SPEECH, _spoken)
_CHANGES: Final[dict[str, Callable[[State, Event], None]]] = _SPOKEN | {
    "run.started": _started,
    "run.ended": _run_ended,
    "run.resumed": _run_resumed,
    "agent.joined": _joined_run,
    "agent.died": _gone,
    "agent.left": _gone,
    "room.opened": _room_opened,
    "room.invited": _room_invited,
    "room.joined": _room_joined,
    "room.left": _room_left,
    "turn.bid": _bid,
    "turn.chosen": _chosen,
    "turn.offered": _offered,
    "turn.ended": _turn_ended,
    "turn.lost": _turn_lost,
    "think.done": _thought,
    "door.answered": _asked_at_a_door,
    "action.intent": _acted,
    "action.refused": _refused,
    "flag": _flagged,
    "operator.pause": _paused,
    "operator.go": _unpaused,
    "operator.step": _stepped,
    "operator.mute": _muted,
    "operator.unmute": _muted,
    "box.frozen": _frozen,
    "box.thawed": _frozen,
    "operator.limit": _limited,
    "operator.hold": _hold,
    "operator.unhold": _unhold,
    "message.held": _held,
    "operator.release": _decided,
    "operator.edit": _decided,
    "operator.drop": _decided,
}
