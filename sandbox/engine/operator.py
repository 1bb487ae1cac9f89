"""The operator's hand: what a person does to a live run, each act an event with its author.

Sans-I/O, a part of the core. What an act changes is in the state, as a fold over the events; here is
only what no event tells: since when the run stands, and until when messages wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from sandbox.engine import operator_acts as acts
from sandbox.engine.budget import limits_of
from sandbox.engine.desk import Desk
from sandbox.engine.hold import message_of
from sandbox.engine.stops import said_word
from sandbox.scenario.schema import Limits
from sandbox.transcript.event import Visibility
from sandbox.transcript.kinds import Kind

__all__ = ["Answer", "Hand"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the operator is told: whether it was done, a sentence, and what else was asked for."""

    done: bool
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Hand:
    """Does what operators ask for, as far as it can be done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stood: float | None = None  # since when the next turn waits
        self._paused: float | None = None

    # the run stands --------------------------------------------------------------------------

    def stands(self, now: float) -> bool:
        """Whether the next turn has to wait; ``freed`` says when it need not."""
        if self._desk.state.stands and self._stood is None:
            self._stood = now
        return self._desk.state.stands

    def freed(self) -> bool:
        """Whether a turn that had to wait need not wait any more."""
        return self._stood is not None and not self._desk.state.stands

    def stood(self, now: float) -> float:
        """Seconds that the run has stood; it is as if they had not been."""
        since, self._stood = self._stood, None
        return 0.0 if since is None else now - since

    # time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Release what has waited long enough, unless the run is paused."""
        holding = self._desk.holding
        holding.wind(now)
        if self._paused is None:
            for id in holding.late(now):
                self.deliver(id, None, acts.TOO_LATE)

    def due(self) -> float | None:
        """When ``tick`` is to be called."""
        return None if self._paused is not None else self._desk.holding.due()

    def end(self) -> None:
        """The run is over: whatever waits is on record as it was said."""
        for id in list(self._desk.state.held):
            self.deliver(id, None, "the run has ended")

    # acts ------------------------------------------------------------------------------------

    def act(self, act: acts.Act, author: str | None, now: float) -> Answer:
        """Do it and tell what came of it, or why it was not done."""
        self._desk.holding.wind(now)
        was = self._desk.state.paused
        answer = _VERBS[act.verb](self, act, author)
        if self._desk.state.paused and not was:
            self._paused = now
        elif was and not self._desk.state.paused and self._paused is not None:
            self._desk.holding.shift(now - self._paused)
            self._paused = None
        self._desk.holding.wind(now)
        return answer

    def status(self) -> dict[str, Any]:
        """How the run stands, for a person or a screen."""
        state, limits = self._desk.state, self._desk.scenario.limits
        held = [
            {"agent": event.actor, "room": event.room, "seq": event.seq, **event.data}
            | {"text": str(event.data["text"])[:TOLD]}
            for event in list(state.held.values())[:MOST_TOLD]
        ]
        return {
            "turn": state.turn,
            "speaker": state.speaker,
            "paused": state.paused,
            "steps": state.steps,
            "stands": state.stands,
            "muted": [agent.id for agent in state.agents.values() if agent.muted],
            "frozen": [agent.id for agent in state.agents.values() if agent.frozen],
            "agents": {agent.id: agent.status for agent in state.agents.values()},
            "limits": {name: getattr(limits, name) for name in _LIMITS},
            "holds": [dict(hold) for hold in state.holds.values()],
            "held": held,
            "seq": state.seq,
        }

    def deliver(
        self, id: int, author: str | None, why: str | None = None, text: str | None = None
    ) -> None:
        """Let everybody concerned hear a message that waited, with other words if ``text`` says so."""
        desk = self._desk
        held = desk.state.held[id]
        data = message_of(held)
        told: dict[str, Any] = {"id": id, "author": author}
        if text is not None:
            desk.record("operator.edit", "operator", told | {"text": text}, parent=held.seq)
            # Whose voices the words were written for is told of the agent's own words.
            data = {k: v for k, v in data.items() if k != "speaks_for"}
            data |= {"text": text, "author": "operator"}
        else:
            told |= {} if why is None else {"why": why}
            actor = "engine" if author is None else "operator"
            desk.record("operator.release", actor, told, parent=held.seq)
        kind: Kind = held.data["kind"]
        to: Visibility = "room" if kind == "say" else (held.actor, data["to"])
        desk.record(kind, held.actor, data, held.room, to, parent=held.seq)
        if kind != "peer.message":
            desk.ending = desk.ending or said_word(desk.scenario, str(data["text"]))

    def _record(self, kind: Kind, author: str | None, /, **data: Any) -> None:
        self._desk.record(kind, "operator", {**data, "author": author})

    def _pause(self, _: acts.Pause, author: str | None) -> Answer:
        state = self._desk.state
        if state.paused and not state.steps:
            return _refused("it is paused already" + _under_way(state.playing))
        self._record("operator.pause", author)
        return Answer(True, "Paused" + (_under_way(state.playing) or ": no turn begins") + ".")

    def _go(self, _: acts.Go, author: str | None) -> Answer:
        if not self._desk.state.paused:
            return _refused("it is not paused")
        self._record("operator.go", author)
        if self._desk.state.held:
            return Answer(True, "It goes on as soon as the held messages are decided on.")
        return Answer(True, "It goes on.")

    def _step(self, _: acts.Step, author: str | None) -> Answer:
        state = self._desk.state
        self._record("operator.step", author)
        if not state.steps:
            return Answer(True, f"Turn {state.playing} is played to its end, then it is paused.")
        if state.held:
            return Answer(True, "One turn, as soon as the held messages are decided on.")
        return Answer(True, f"{state.steps} more turns." if state.steps > 1 else "One more turn.")

    def _say(self, act: acts.Say, author: str | None) -> Answer:
        room = self._desk.state.rooms.get(act.room)
        if room is None:
            known = ", ".join(list(self._desk.state.rooms)[:20])
            return _refused(f"there is no room {act.room!r}; there are {known}")
        data = {"text": act.text, "author": author}
        self._desk.record("operator.say", "operator", data, room.id, "room")
        listed = ", ".join(room.members) or "nobody"
        return Answer(True, f"Said in {room.id}, where {listed} can hear it.")

    def _whisper(self, act: acts.Whisper, author: str | None) -> Answer:
        wrong = self._nobody(act.agent)
        if wrong is not None:
            return wrong
        data = {"to": act.agent, "text": act.text, "author": author}
        self._desk.record("operator.whisper", "operator", data, None, (act.agent,))
        return Answer(True, f"{act.agent} hears it before it thinks next.")

    def _mute(self, act: acts.Mute | acts.Unmute, author: str | None) -> Answer:
        wrong = self._nobody(act.agent)
        if wrong is not None:
            return wrong
        state = self._desk.state
        muted = state.agents[act.agent].muted
        if muted == (act.verb == "mute"):
            return _refused(f"{act.agent} is {'muted already' if muted else 'not muted'}")
        self._record(
            "operator.mute" if act.verb == "mute" else "operator.unmute", author, agent=act.agent
        )
        if act.verb == "unmute":
            return Answer(True, f"{act.agent} gets turns again.")
        last = "" if state.able() else " Nobody is left who does, so the run stands."
        return Answer(True, f"{act.agent} gets no turns.{last}")

    def _thaw(self, act: acts.Thaw, author: str | None) -> Answer:
        wrong = self._nobody(act.agent)
        if wrong is not None:
            return wrong
        if not self._desk.state.agents[act.agent].frozen:
            return _refused(f"the box of {act.agent} is not frozen")
        self._desk.record("box.thawed", act.agent, {"author": author})
        self._desk.step.thaws.append(act.agent)
        return Answer(True, f"The box of {act.agent} runs on, and it gets turns again.")

    def _limit(self, act: acts.Limit, author: str | None) -> Answer:
        desk = self._desk
        if act.what == "turns" and act.value is None:
            return _refused("a run has a last turn: give turns a number")
        scenario, old = desk.scenario, getattr(desk.scenario.limits, act.what)
        value = (
            float(act.value)
            if act.what in {"seconds", "money"} and act.value is not None
            else act.value
        )
        try:
            limits = Limits.model_validate({**dict(scenario.limits), act.what: value})
        except ValidationError as error:
            why = error.errors(include_url=False)[0]["msg"]
            return _refused(f"{act.what} cannot be {act.value}: {why[:1].lower()}{why[1:]}")
        new = getattr(limits, act.what)
        if new == old:
            return _refused(f"{act.what} is {_amount(old)} already")
        desk.scenario = scenario.model_copy(update={"limits": limits})
        desk.budgets = limits_of(desk.scenario)
        self._record("operator.limit", author, what=act.what, old=old, new=new)
        return Answer(True, f"{act.what}: {_amount(old)} before, {_amount(new)} now.")

    def _hold(self, act: acts.Hold, author: str | None) -> Answer:
        state = self._desk.state
        if len(state.holds) >= MOST_HOLDS:
            return _refused(f"there are {MOST_HOLDS} filters already; `unhold` takes one away")
        if act.agent is not None and act.agent not in state.agents:
            return _refused(f"there is no agent {act.agent!r}")
        if act.pattern is not None and self._desk.holding.look(act.pattern, "") is None:
            return _refused(f"/{act.pattern}/ is no regular expression, or takes too long")
        wanted = act.model_dump(exclude={"verb"}, exclude_none=True)
        id = state.numbered.get("hold", 0) + 1
        self._record("operator.hold", author, id=id, **wanted)
        return Answer(
            True, f"Filter {id}: what matches waits {act.seconds:g} s for a decision.", {"id": id}
        )

    def _unhold(self, act: acts.Unhold, author: str | None) -> Answer:
        if act.id not in self._desk.state.holds:
            return _refused(f"there is no filter {act.id}")
        self._record("operator.unhold", author, id=act.id)
        return Answer(True, f"Filter {act.id} is gone.")

    def _release(self, act: acts.Release | acts.Edit | acts.Drop, author: str | None) -> Answer:
        held = self._desk.state.held.get(act.id)
        if held is None:
            return _refused(f"no message {act.id} is held")
        if isinstance(act, acts.Drop):
            data = {"id": act.id, "author": author}
            self._desk.record("operator.drop", "operator", data, parent=held.seq)
            return Answer(True, f"Message {act.id} of {held.actor} is dropped; nobody hears it.")
        if isinstance(act, acts.Edit):
            self.deliver(act.id, author, text=act.text)
            return Answer(True, f"Message {act.id} of {held.actor} is delivered with your words.")
        self.deliver(act.id, author, None if author is not None else acts.TOO_LATE)
        return Answer(True, f"Message {act.id} of {held.actor} is delivered.")

    def _nobody(self, agent: str) -> Answer | None:
        """The refusal for an agent that is not there."""
        known = self._desk.state.agents
        if agent not in known:
            return _refused(f"there is no agent {agent!r}; there are {', '.join(list(known)[:20])}")
        return _refused(f"{agent} is gone") if known[agent].status == "gone" else None


MOST_HOLDS: Final = 32
"""Each message is looked at by every filter."""

MOST_TOLD: Final = 100
TOLD: Final = 2000
"""Held messages in a status, and characters of each; the record has them whole, under their ``seq``."""

_LIMITS: Final = ("turns", "seconds", "tokens", "money")


def _refused(why: str) -> Answer:
    return Answer(False, why)


def _under_way(turn: int | None) -> str:
    return "" if turn is None else f", as soon as turn {turn} has ended"


def _amount(value: float | None) -> str:
    return "no limit" if value is None else f"{value:g}"


_VERBS: Final[dict[str, Callable[[Hand, Any, str | None], Answer]]] = {
    "pause": Hand._pause,  # noqa: SLF001 - the table of its own class
    "go": Hand._go,  # noqa: SLF001
    "step": Hand._step,  # noqa: SLF001
    "say": Hand._say,  # noqa: SLF001
    "whisper": Hand._whisper,  # noqa: SLF001
    "mute": Hand._mute,  # noqa: SLF001
    "unmute": Hand._mute,  # noqa: SLF001
    "thaw": Hand._thaw,  # noqa: SLF001
    "limit": Hand._limit,  # noqa: SLF001
    "hold": Hand._hold,  # noqa: SLF001
    "unhold": Hand._unhold,  # noqa: SLF001
    "release": Hand._release,  # noqa: SLF001
    "edit": Hand._release,  # noqa: SLF001
    "drop": Hand._release,  # noqa: SLF001
}
