"""Thinking: a model is asked for an agent, and what it answers is recorded."""

from __future__ import annotations

from typing import Any, Literal

from agents import wire
from sandbox.engine.desk import Desk
from sandbox.engine.step import Floor, Think
from sandbox.models.gateway import Outcome, arguments
from sandbox.transcript.event import Event

__all__ = ["ask", "cut", "done", "thought"]


def ask(
    desk: Desk,
    agent: str,
    id: str,
    body: wire.ThinkRequest,
    number: int,
    purpose: Literal["act", "bid"],
) -> Think:
    """Record the request and have the model asked; ``id`` is the message that waits for the answer."""
    turn = body.turn
    data: dict[str, Any] = {"turn": turn, "think": number, "purpose": purpose}
    data["upto"] = desk.state.seq
    if body.extra:
        data["extra"] = body.extra
    event = desk.record("think.request", agent, data)
    request, saw = desk.gateway.request(agent, turn, number, purpose)
    given = None
    if purpose == "act" and agent not in desk.spoken_first:
        desk.spoken_first.add(agent)
        given = desk.scenario.agents[agent].first
    think = Think(agent, turn, number, purpose, event.seq, id, request, saw, given)
    desk.step.thinks.append(think)
    return think


def thought(desk: Desk, floor: Floor, think: Think, result: Outcome, ms: float) -> str | None:
    """Take in the answer of the agent that has the floor; returns why the turn is over, or None."""
    agent = floor.agent
    event = done(desk, think, result, ms)
    if result.error is not None:
        failed = wire.Thought(floor.turn, result.text, failed=result.error, over=True)
        desk.reply(agent, think.reply_to, failed)
        return "failed"
    floor.thought = event
    calls = event.data["calls"]
    floor.calls = {c["id"]: (c["tool"], c["args"]) for c in calls}
    mute = not calls and not result.text.strip() and result.malformed is None
    reply = wire.Thought(floor.turn, result.text, calls, result.malformed, over=mute)
    desk.reply(agent, think.reply_to, reply)
    return "silent" if mute else None


def done(desk: Desk, think: Think, result: Outcome, ms: float) -> Event:
    """Record what came of a think, whatever it was; ``ms`` is how long the model took."""
    data: dict[str, Any] = {"turn": think.turn, "think": think.number, "purpose": think.purpose}
    if result.error is not None:
        data |= {"error": result.error, "kind": result.error_kind, "text": result.text}
        return desk.record("think.failed", think.agent, data, parent=think.seq)
    data["text"] = result.text
    data["calls"] = [
        {"id": f"c{think.seq}-{n}", "tool": call.tool, "args": arguments(call)}
        for n, call in enumerate(result.calls, 1)
    ]
    data |= {"stop": result.stop, "tokens_in": result.tokens_in, "tokens_out": result.tokens_out}
    data |= {"money": result.money, "ms": round(ms, 1), "saw": think.saw}
    if result.malformed is not None:
        data["malformed"] = result.malformed
    if result.sent_bytes:
        data["sent"] = {"sha256": result.sent_sha256, "bytes": result.sent_bytes}
    return desk.record("think.done", think.agent, data, parent=think.seq)


def cut(desk: Desk, think: Think, reason: str) -> None:
    """The turn has ended while the model was still at it: it need not go on."""
    desk.step.cancels.append(think.agent)
    data = {"turn": think.turn, "think": think.number, "purpose": think.purpose}
    why = {"error": f"the turn ended first ({reason})", "kind": "TurnOver", "text": ""}
    desk.record("think.failed", think.agent, data | why, parent=think.seq)
