"""Thinking: a model is asked for an agent, and what it answers is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from agents import wire
from sandbox.engine.budget import strained, told
from sandbox.engine.desk import Desk
from sandbox.engine.step import Bidding, Floor, Think
from sandbox.models.gateway import Outcome, arguments
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

__all__ = ["act", "ask", "cut", "done", "retried", "thought"]

_WITHHELD: Final[dict[str, tuple[Kind, str]]] = {
    "refusal": ("think.refused", "refusal"),
    "filter": ("think.filtered", "filtered"),
}
"""Stop reasons with which a maker takes an answer back: what came is in the record and is not said."""


def act(desk: Desk, floor: Floor, id: str, body: wire.ThinkRequest) -> bool:
    """The agent that has the floor wants its model asked; False if that was the last of its thinks."""
    if floor.thinking is not None or floor.running is not None:
        desk.reply(floor.agent, id, wire.Thought(body.turn, "", failed="one thing at a time"))
    elif floor.thinks >= desk.scenario.limits.thinks:
        desk.reply(floor.agent, id, wire.Thought(body.turn, "", over=True))
        return False
    else:
        floor.thinks += 1
        floor.calls = {}
        floor.thinking = ask(desk, floor.agent, id, body, floor.thinks, "act")
    return True


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
    trimmed = desk.gateway.trim(agent)
    if trimmed is not None:
        desk.record("context.trimmed", agent, {"turn": turn, **trimmed}, parent=event.seq)
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
    too_long = result.error_kind == "ContextOverflow"
    if too_long and floor.thinks < desk.scenario.limits.thinks and desk.gateway.overflowed(agent):
        floor.thinks += 1  # what is left out is on record before the model is asked again
        again = wire.ThinkRequest(floor.turn, 0)
        floor.thinking = ask(desk, agent, think.reply_to, again, floor.thinks, "act")
        return None
    if result.error is not None:
        failed = wire.Thought(floor.turn, result.text, failed=result.error, over=True)
        desk.reply(agent, think.reply_to, failed)
        return "failed"
    withheld = _WITHHELD.get(result.stop)
    if withheld is not None:
        kind, reason = withheld
        where = {"turn": think.turn, "think": think.number}
        desk.record(kind, agent, where, parent=event.seq)
        desk.reply(agent, think.reply_to, wire.Thought(floor.turn, "", failed=reason, over=True))
        return reason
    floor.thought = event
    calls = event.data["calls"]
    floor.calls = {c["id"]: (c["tool"], c["args"]) for c in calls}
    mute = not calls and not result.text.strip() and result.malformed is None
    if mute:
        where = {"turn": think.turn, "think": think.number}
        desk.record("think.empty", agent, where, parent=event.seq)
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
    if result.reasoning:
        data["reasoning"] = result.reasoning
    if result.cache_read or result.cache_write:
        data |= {"cache_read": result.cache_read, "cache_write": result.cache_write}
    if result.sent_bytes:
        data["sent"] = {"sha256": result.sent_sha256, "bytes": result.sent_bytes}
    event = desk.record("think.done", think.agent, data, parent=think.seq)
    for limit in strained(desk.budgets, desk.state, desk.warned):
        desk.record("budget.warned", "engine", told(desk.state, limit), parent=event.seq)
    return event


def retried(
    desk: Desk, floor: Floor | None, asked: Bidding | None, think: Think, data: Mapping[str, Any]
) -> None:
    """Record that a model has failed in passing, unless nobody waits for it any more."""
    waited_for = floor is not None and floor.thinking is think
    if waited_for or (asked is not None and asked.thinking.get(think.agent) is think):
        head = {"turn": think.turn, "think": think.number, "purpose": think.purpose}
        desk.record("think.retried", think.agent, head | dict(data), parent=think.seq)


def cut(desk: Desk, think: Think, reason: str) -> None:
    """The turn has ended while the model was still at it: it need not go on."""
    desk.step.cancels.append(think.agent)
    data = {"turn": think.turn, "think": think.number, "purpose": think.purpose}
    why = {"error": f"the turn ended first ({reason})", "kind": "TurnOver", "text": ""}
    desk.record("think.failed", think.agent, data | why, parent=think.seq)
