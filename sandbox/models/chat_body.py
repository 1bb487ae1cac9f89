"""A request in OpenAI's format: the messages and tools as plain data, in one fixed order of keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from sandbox.models.provider import ChatTurn, ToolCall, ToolSpec

__all__ = ["json_action", "messages", "tools"]


def messages(system: str, turns: Iterable[ChatTurn]) -> list[dict[str, Any]]:
    """The system prompt, if there is one, and the turns, as chat messages."""
    head = [{"role": "system", "content": system}] if system else []
    return [*head, *map(_message, turns)]


def _message(turn: ChatTurn) -> dict[str, Any]:
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.call_id, "content": turn.text}
    if not turn.calls:
        return {"role": turn.role, "content": turn.text}
    calls = [_call(call) for call in turn.calls]
    return {"role": turn.role, "content": turn.text or None, "tool_calls": calls}


def _call(call: ToolCall) -> dict[str, Any]:
    args = call.args if isinstance(call.args, str) else orjson.dumps(dict(call.args)).decode()
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.tool, "arguments": args},
    }


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {
                "name": spec.name,
                "description": spec.about,
                "parameters": dict(spec.schema),
            },
        }
        for spec in specs
    ]


def json_action(schema: dict[str, Any]) -> dict[str, Any]:
    """The ``response_format`` that holds a model to an action's schema."""
    return {"type": "json_schema", "json_schema": {"name": "action", "schema": schema}}
