"""OpenAI's and Mistral's chat completions as a server speaks them: the same path, and nearly the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field

from sandbox.isolation.doors.chat import Unfit, Wanted, Wire, pieces, read, schema
from sandbox.models.gateway import Outcome
from sandbox.models.provider import ChatTurn, ToolCall, ToolSpec

__all__ = ["chunks", "completion", "entry", "fault", "listed", "wanted"]

_STOPS: Final[Mapping[str, str]] = {
    "tools": "tool_calls",
    "length": "length",
    "filter": "content_filter",
}


class _Text(Wire):
    type: Literal["text"]
    text: str


class _Function(Wire):
    name: str
    arguments: str | dict[str, Any] = "{}"


class _Call(Wire):
    id: str = ""
    function: _Function


class _Message(Wire):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Text] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None

    @property
    def words(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class _Declared(Wire):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class _Tool(Wire):
    type: Literal["function"] = "function"
    function: _Declared


class _StreamOptions(Wire):
    include_usage: bool = False


class _Body(Wire):
    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[_Message], Field(min_length=1, max_length=1000)]
    tools: Annotated[list[_Tool], Field(max_length=64)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: int | None = None
    random_seed: int | None = None
    n: Literal[1] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None


def wanted(body: object, *, mistral: bool) -> Wanted:
    """Read a request. Raises Unfit."""
    asked = read(_Body, body)
    system = [m.words for m in asked.messages if m.role in {"system", "developer"}]
    turns = tuple(_turns(asked.messages))
    if not turns:
        raise Unfit("messages: there is nothing to answer")
    return Wanted(
        model=asked.model,
        turns=turns,
        system="\n\n".join(filter(None, system)),
        tools=tuple(
            ToolSpec(t.function.name, t.function.description or "", schema(t.function.parameters))
            for t in asked.tools or ()
        ),
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        temperature=asked.temperature,
        seed=asked.random_seed if asked.seed is None else asked.seed,
        stream=bool(asked.stream),
        usage=mistral or (asked.stream_options is not None and asked.stream_options.include_usage),
    )


def _turns(messages: Sequence[_Message]) -> Iterator[ChatTurn]:
    for message in messages:
        if message.role == "user":
            yield ChatTurn("user", message.words)
        elif message.role == "tool":
            yield ChatTurn("tool", message.words, call_id=message.tool_call_id or "")
        elif message.role == "assistant":
            calls = tuple(
                ToolCall(call.id, call.function.name, _arguments(call.function.arguments))
                for call in message.tool_calls or ()
            )
            yield ChatTurn("assistant", message.words, calls)


def _arguments(written: str | dict[str, Any]) -> Mapping[str, Any] | str:
    if isinstance(written, dict):
        return written
    try:
        found = orjson.loads(written)
    except ValueError:
        return written
    return found if isinstance(found, dict) else written


def completion(id: str, created: int, model: str, outcome: Outcome) -> dict[str, Any]:
    """A whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": outcome.text or None}
    if outcome.calls:
        message["tool_calls"] = _calls(outcome)
    choice = {"index": 0, "message": message, "finish_reason": _stop(outcome), "logprobs": None}
    head = {"id": id, "object": "chat.completion", "created": created, "model": model}
    return {**head, "choices": [choice], "usage": _usage(outcome)}


def chunks(
    id: str, created: int, model: str, outcome: Outcome, *, mistral: bool, usage: bool
) -> list[bytes]:
    """The same as a stream of events. Mistral tells the use in the last chunk, OpenAI in one of its own."""
    head = {"id": id, "object": "chat.completion.chunk", "created": created, "model": model}

    def chunk(delta: Mapping[str, Any], stop: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": stop}
        return _event({**head, "choices": [choice], **more})

    used = _usage(outcome)
    parts = [chunk({"role": "assistant", "content": ""})]
    parts += [chunk({"content": piece}) for piece in pieces(outcome.text)]
    if outcome.calls:
        calls = [{"index": at, **call} for at, call in enumerate(_calls(outcome))]
        parts.append(chunk({"tool_calls": calls}))
    last = {"usage": used} if mistral else {}
    parts.append(chunk({"content": ""} if mistral else {}, _stop(outcome), **last))
    if usage and not mistral:
        parts.append(_event({**head, "choices": [], "usage": used}))
    return [*parts, b"data: [DONE]\n\n"]


def listed(models: Mapping[str, str], created: int) -> dict[str, Any]:
    """The list of models: their names, and who made each."""
    return {"object": "list", "data": [entry(name, models[name], created) for name in models]}


def entry(name: str, owner: str, created: int) -> dict[str, Any]:
    """One model of the list."""
    can = {"completion_chat": True, "completion_fim": False, "function_calling": True}
    can |= {"fine_tuning": False, "vision": False, "classification": False}
    head = {"id": name, "object": "model", "created": created, "owned_by": owner}
    return head | {"capabilities": can, "type": "base"}


def fault(status: int, message: str, kind: str, code: str | None, *, mistral: bool) -> bytes:
    """An error's body."""
    if mistral:
        told = {"object": "error", "message": message, "type": kind, "param": None}
        return orjson.dumps({**told, "code": code, "raw_status_code": status})
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def _calls(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "type": "function",
            "function": {
                "name": call.tool,
                "arguments": call.args
                if isinstance(call.args, str)
                else orjson.dumps(dict(call.args)).decode(),
            },
        }
        for call in outcome.calls
    ]


def _stop(outcome: Outcome) -> str:
    return _STOPS.get(outcome.stop, "stop")


def _usage(outcome: Outcome) -> dict[str, int]:
    total = outcome.tokens_in + outcome.tokens_out
    used = {"prompt_tokens": outcome.tokens_in, "completion_tokens": outcome.tokens_out}
    return used | {"total_tokens": total}


def _event(value: object) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"
