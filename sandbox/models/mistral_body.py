"""A request in the format of Mistral's chat completions: plain data in one fixed order of keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import orjson

from sandbox.models.actions import action_schema
from sandbox.models.chat_body import json_action, tools
from sandbox.models.history import Heard, Spoke, alternating
from sandbox.models.provider import ChatTurn, Request, ToolCall

__all__ = ["body"]


def body(request: Request, settings: Mapping[str, float]) -> dict[str, Any]:
    """The body of ``POST /v1/chat/completions``; ``settings`` are those that the model takes."""
    system = [{"role": "system", "content": request.system}] if request.system.strip() else []
    sent: dict[str, Any] = {
        "model": request.model,
        "messages": [*system, *_messages(request.turns)],
        "max_tokens": request.max_tokens,
        "stream": True,
    }
    if request.mode == "tools" and request.tools:
        sent["tools"] = tools(request.tools)
        sent["tool_choice"] = "auto"
    if request.mode == "json" and request.tools:
        sent["response_format"] = json_action(action_schema(request.tools))
    return {**sent, **settings}


def _messages(turns: Iterable[ChatTurn]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for side in alternating(turns):
        made += _heard(side) if isinstance(side, Heard) else [_spoke(side)]
    return made


def _heard(side: Heard) -> list[dict[str, Any]]:
    words = "\n".join(side.words)
    results = [
        {"role": "tool", "tool_call_id": _id(call), "content": text}
        for call, text in side.results.items()
    ]
    if not results:
        return [{"role": "user", "content": words}]
    if words:
        # Mistral refuses a user's turn behind a result (its error 3230), and words of the model that it
        # never said would be worse: so the result goes on with what was heard.
        results[-1]["content"] += f"\n\n{words}"
    return results


def _spoke(side: Spoke) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "\n".join(side.words)}
    if side.calls:
        message["tool_calls"] = [_call(call) for call in side.calls]
    return message


def _call(call: ToolCall) -> dict[str, Any]:
    args = call.args if isinstance(call.args, str) else orjson.dumps(dict(call.args)).decode()
    function = {"name": call.tool, "arguments": args}
    return {"id": _id(call.id), "type": "function", "function": function}


def _id(call: str) -> str:
    """The call's id as Mistral demands it: nine letters and digits."""
    fits = re.fullmatch(r"[a-zA-Z0-9]{9}", call)
    return call if fits else sha256(call.encode()).hexdigest()[:9]
