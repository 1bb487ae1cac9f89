"""Anthropic's Messages as a server speaks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field

from sandbox.isolation.doors.chat import Unfit, Wanted, Wire, pieces, read, schema
from sandbox.models.gateway import Outcome
from sandbox.models.provider import ChatTurn, ToolCall, ToolSpec

__all__ = ["chunks", "entry", "fault", "listed", "message", "wanted"]

_STOPS: Final[Mapping[str, str]] = {
    "tools": "tool_use",
    "length": "max_tokens",
    "stop": "stop_sequence",
    "refusal": "refusal",
    "filter": "refusal",
}


class _Text(Wire):
    type: Literal["text"]
    text: str


class _Use(Wire):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]


class _Result(Wire):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[_Text] = ""


_Block = Annotated[_Text | _Use | _Result, Field(discriminator="type")]


class _Message(Wire):
    role: Literal["user", "assistant"]
    content: str | Annotated[list[_Block], Field(max_length=1000)]


class _Tool(Wire):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    description: str = ""
    input_schema: dict[str, Any] | None = None


class _Body(Wire):
    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[_Message], Field(min_length=1, max_length=1000)]
    max_tokens: Annotated[int, Field(ge=1)]
    system: str | list[_Text] = ""
    tools: Annotated[list[_Tool], Field(max_length=64)] | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    stream: bool = False


def wanted(body: object) -> Wanted:
    """Read a request. Raises Unfit."""
    asked = read(_Body, body)
    turns = tuple(turn for message in asked.messages for turn in _turns(message))
    if not turns:
        raise Unfit("messages: there is nothing to answer")
    return Wanted(
        model=asked.model,
        turns=turns,
        system=_words(asked.system),
        tools=tuple(
            ToolSpec(tool.name, tool.description, schema(tool.input_schema))
            for tool in asked.tools or ()
        ),
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        stream=asked.stream,
    )


def _turns(message: _Message) -> Iterator[ChatTurn]:
    if isinstance(message.content, str):
        yield ChatTurn(message.role, message.content)
        return
    blocks = message.content
    for block in blocks:
        if isinstance(block, _Result):
            yield ChatTurn("tool", _words(block.content), call_id=block.tool_use_id)
    text = "".join(block.text for block in blocks if isinstance(block, _Text))
    calls = tuple(ToolCall(b.id, b.name, b.input) for b in blocks if isinstance(b, _Use))
    if text or calls:
        yield ChatTurn(message.role, text, calls)


def _words(content: str | Sequence[_Text]) -> str:
    return content if isinstance(content, str) else "".join(part.text for part in content)


def message(id: str, model: str, outcome: Outcome) -> dict[str, Any]:
    """A whole answer."""
    content: list[dict[str, Any]] = [{"type": "text", "text": outcome.text}] if outcome.text else []
    content += [
        {"type": "tool_use", "id": call.id, "name": call.tool, "input": _input(call)}
        for call in outcome.calls
    ]
    used = {"input_tokens": outcome.tokens_in, "output_tokens": outcome.tokens_out}
    head = {"id": id, "type": "message", "role": "assistant", "model": model}
    stop = _STOPS.get(outcome.stop, "end_turn")
    return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": used}


def chunks(id: str, model: str, outcome: Outcome) -> list[bytes]:
    """The same as a stream of events."""
    whole = message(id, model, outcome)
    start = whole | {"content": [], "stop_reason": None}
    start["usage"] = whole["usage"] | {"output_tokens": 1}
    parts = [_event("message_start", message=start)]
    for at, block in enumerate(whole["content"]):
        parts += _block(at, block)
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    used = {"output_tokens": outcome.tokens_out}
    return [*parts, _event("message_delta", delta=delta, usage=used), _event("message_stop")]


def _block(at: int, block: Mapping[str, Any]) -> Iterator[bytes]:
    def delta(**more: Any) -> bytes:
        return _event("content_block_delta", index=at, delta=more)

    if block["type"] == "text":
        yield _event("content_block_start", index=at, content_block={**block, "text": ""})
        for piece in pieces(block["text"]):
            yield delta(type="text_delta", text=piece)
    else:
        yield _event("content_block_start", index=at, content_block={**block, "input": {}})
        yield delta(type="input_json_delta", partial_json=orjson.dumps(block["input"]).decode())
    yield _event("content_block_stop", index=at)


def listed(models: Sequence[str], created: str) -> dict[str, Any]:
    """The list of models."""
    data = [entry(name, created) for name in models]
    return {"data": data, "has_more": False, "first_id": models[0], "last_id": models[-1]}


def entry(name: str, created: str) -> dict[str, Any]:
    """One model of the list."""
    return {"type": "model", "id": name, "display_name": name, "created_at": created}


def fault(message: str, kind: str) -> bytes:
    """An error's body."""
    return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})


def _input(call: ToolCall) -> dict[str, Any]:
    return {} if isinstance(call.args, str) else dict(call.args)


def _event(kind: str, **more: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **more}) + b"\n\n"
