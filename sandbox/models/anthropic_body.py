"""A request in the format of Anthropic's Messages: plain data in one fixed order of keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sandbox.models.history import Heard, Spoke, alternating
from sandbox.models.provider import ChatTurn, Request, ToolCall, ToolSpec

__all__ = ["body"]


def body(request: Request, settings: Mapping[str, float]) -> dict[str, Any]:
    """The body of ``POST /v1/messages``; ``settings`` are those that the model takes."""
    sent: dict[str, Any] = {"model": request.model, "max_tokens": request.max_tokens}
    if request.system.strip():
        sent["system"] = request.system
    if request.mode == "tools" and request.tools:
        # Current models refuse a forced call, so the choice is always their own.
        sent["tools"] = _tools(request.tools)
        sent["tool_choice"] = {"type": "auto"}
    sent["messages"] = _messages(request.turns)
    # One mark on the whole: the maker moves it along with the conversation.
    sent["cache_control"] = {"type": "ephemeral"}
    return {**sent, **settings, "stream": True}


def _tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    return [
        {"name": spec.name, "description": spec.about, "input_schema": dict(spec.schema)}
        for spec in specs
    ]


def _messages(turns: Iterable[ChatTurn]) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": _heard(side)}
        if isinstance(side, Heard)
        else {"role": "assistant", "content": _spoke(side)}
        for side in alternating(turns)
    ]


def _heard(side: Heard) -> str | list[dict[str, Any]]:
    words = "\n".join(side.words)
    if not side.results:
        return words
    blocks: list[dict[str, Any]] = [
        {"type": "tool_result", "tool_use_id": _id(call), "content": text}
        for call, text in side.results.items()
    ]
    return [*blocks, {"type": "text", "text": words}] if words else blocks


def _spoke(side: Spoke) -> str | list[dict[str, Any]]:
    words = "\n".join(side.words)
    if not side.calls:
        return words
    calls = [_call(call) for call in side.calls]
    return [{"type": "text", "text": words}, *calls] if words else calls


def _call(call: ToolCall) -> dict[str, Any]:
    # Text that is no JSON object cannot be sent as arguments; the result says what was wrong with it.
    args = {} if isinstance(call.args, str) else dict(call.args)
    return {"type": "tool_use", "id": _id(call.id), "name": call.tool, "input": args}


def _id(call: str) -> str:
    """The call's id in the letters that Anthropic takes."""
    return (
        call if re.fullmatch(r"[\w-]+", call, re.ASCII) else sha256(call.encode()).hexdigest()[:16]
    )
