"""Acting: an agent's intents are judged and recorded, then done by the house or run in its box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agents import wire
from agents.render import outcome as outcome_text
from sandbox.engine.actions import Effect, InBox, Refusal, decide
from sandbox.engine.desk import Desk
from sandbox.engine.step import Floor
from sandbox.engine.stops import said_word
from sandbox.models.actions import check_call
from sandbox.models.provider import ToolCall
from sandbox.transcript.kinds import SPEECH

__all__ = ["Over", "intend", "result"]
FOLDER_TOOLS: Final = frozenset({"shell", "write_file"})
"""What can change the work folder."""


@dataclass(frozen=True, slots=True)
class Over:
    """The turn is over: why, and whether the agent has left the run."""

    reason: str
    left: bool = False


def intend(desk: Desk, floor: Floor, id: str, body: wire.Intent) -> Over | None:
    """Judge and record one intent of the agent that has the floor."""
    planned = _planned(floor, body)
    data: dict[str, Any] = {"turn": floor.turn, "call": body.call, "tool": body.tool}
    data["author"] = "model" if planned else "box"
    if not planned:
        data["args"] = body.args
    parent = floor.thought.seq if floor.thought is not None else floor.seq
    intent = desk.record("action.intent", floor.agent, data, parent=parent)
    decision = _judge(desk, floor.agent, body)
    match decision:
        case Refusal():
            return _refuse(desk, floor, id, body, intent.seq, decision.reason)
        case InBox():
            floor.running = (intent.seq, body.call, body.tool)
            floor.touched = floor.touched or body.tool in FOLDER_TOOLS
            desk.reply(floor.agent, id, wire.Verdict(floor.turn, body.call, True, run=True))
            return None
        case Effect():
            return _act(desk, floor, id, body, intent.seq, decision, planned=planned)


def result(desk: Desk, floor: Floor, id: str, body: wire.Result) -> None:
    """Record what an action did in the box, if it is the one that runs there."""
    running = floor.running
    if running is not None and running[1] == body.call:
        floor.running = None
        data: dict[str, Any] = {"turn": floor.turn, "call": body.call, "tool": running[2]}
        data |= {"ok": body.ok, "output": body.output, "exit": body.exit}
        data |= {"seconds": round(body.seconds, 3), "cut": body.cut, "source": "box"}
        desk.record("action.result", floor.agent, data, parent=running[0])
    desk.reply(floor.agent, id, wire.Ack())


def _planned(floor: Floor, body: wire.Intent) -> bool:
    """Whether the intent is what the model asked for, or the box's own idea."""
    call = floor.calls.pop(body.call, None)
    if call is not None:
        return call == (body.tool, body.args)
    thought = floor.thought
    if thought is None or body.call != "text" or body.tool != "say":
        return False
    if thought.data["calls"] or "malformed" in thought.data:
        return False
    return bool(body.args == {"text": thought.data["text"]})


def _judge(desk: Desk, agent: str, body: wire.Intent) -> Refusal | InBox | Effect:
    plain = body.tool == "say" and body.call == "text"  # words need no tool
    if body.tool not in desk.scenario.agents[agent].tools and not plain:
        return Refusal(f"{body.tool!r:.60} is none of your actions")
    if plain:
        if body.args.keys() != {"text"} or not isinstance(body.args["text"], str):
            return Refusal("there are no words")
    else:
        tools = desk.gateway.contexts[agent].member.tools
        wrong = check_call(ToolCall(body.call, body.tool, body.args), tools)
        if wrong is not None:
            return Refusal(wrong)
    return decide(desk.scenario, desk.state, agent, body.tool, body.args, boxed=desk.boxed)


def _refuse(
    desk: Desk, floor: Floor, id: str, body: wire.Intent, parent: int, reason: str
) -> Over | None:
    data = {"turn": floor.turn, "call": body.call, "tool": body.tool, "reason": reason}
    desk.record("action.refused", floor.agent, data, parent=parent)
    over = body.call == "text"
    verdict = wire.Verdict(floor.turn, body.call, False, output=reason, over=over)
    desk.reply(floor.agent, id, verdict)
    return Over("refused") if over else None


def _act(
    desk: Desk, floor: Floor, id: str, body: wire.Intent, parent: int, effect: Effect,
    *, planned: bool,
) -> Over | None:  # fmt: skip
    agent, output = floor.agent, ""
    if effect.kind is not None:
        data = effect.data if planned else {**effect.data, "author": "box"}
        make = desk.speak if effect.kind in SPEECH else desk.record
        event = make(effect.kind, agent, data, effect.room, effect.visible_to, parent)
        output = outcome_text(event.kind, event.data)
        if event.kind in SPEECH:
            desk.ending = desk.ending or said_word(desk.scenario, str(data["text"]))
    over = effect.ends_turn or body.call == "text"
    desk.reply(agent, id, wire.Verdict(floor.turn, body.call, True, output=output, over=over))
    if effect.leaves:
        desk.record("agent.left", agent, {"reason": "left its last room"}, None, "all")
        return Over("left", left=True)
    return Over("pass" if body.tool == "pass" else "spoke") if over else None
