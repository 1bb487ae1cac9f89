"""The answer of a server that speaks OpenAI's format, sans I/O: bytes in, typed parts out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from sandbox.errors import ModelFailed
from sandbox.models.failures import quoted
from sandbox.models.provider import Done, Part, StopReason, TextDelta, ToolCall, Usage
from sandbox.models.sse import EventData, TooLong

__all__ = ["ChatStream"]

LONGEST_ANSWER: Final = 16 << 20
"""Bytes of a whole stream: a bound against a server that never ends, a hundred times the longest
answer that models give."""

_STOPS: Final[dict[str, StopReason]] = {
    "stop": "end",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "content_filter": "filter",
}


@dataclass(slots=True)
class _Call:
    id: str = ""
    tool: str = ""
    args: list[str] = field(default_factory=list)


class ChatStream:
    """Reads one answer of ``/chat/completions`` or ``/completions``. ``who`` is named in errors."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._events = EventData()
        self._size = 0
        self._calls: dict[int, _Call] = {}
        self._usage: Usage | None = None
        self._stop: StopReason | None = None
        self._refused = False

    def feed(self, chunk: bytes) -> list[Part]:
        """Take in the next bytes; return the words in them.

        Raises:
            ModelFailed: the server reports an error, or sends what is not of its format.
        """
        self._size += len(chunk)
        if self._size > LONGEST_ANSWER:
            raise ModelFailed(f"{self._who} sent more than {LONGEST_ANSWER:,} bytes in one answer")
        try:
            return self._read(self._events.feed(chunk))
        except TooLong as error:
            raise self._malformed(str(error)) from None

    def end(self, sent: bytes) -> list[Part]:
        """The stream has ended: the calls, the usage and ``Done``. ``sent`` is the request's body.

        Raises:
            ModelFailed: it ended before the server said that the answer was whole.
        """
        parts = self._read(self._events.end())
        if self._stop is None:
            raise ModelFailed(f"{self._who} broke off in the middle of an answer")
        parts += [self._call(index, call) for index, call in sorted(self._calls.items())]
        if self._usage is not None:
            parts.append(self._usage)
        stop: StopReason = "refusal" if self._refused else self._stop
        if self._calls and stop == "end":
            stop = "tools"
        parts.append(Done(stop, hashlib.sha256(sent).hexdigest(), len(sent)))
        return parts

    def _read(self, events: list[bytes]) -> list[Part]:
        parts: list[Part] = []
        for data in events:
            if data.strip() == b"[DONE]":
                continue
            try:
                chunk = orjson.loads(data)
            except ValueError:
                raise self._malformed(f"no JSON: {quoted(data)}") from None
            if not isinstance(chunk, dict):
                raise self._malformed(f"no object: {quoted(data)}")
            if chunk.get("error"):
                raise ModelFailed(f"{self._who} broke off with an error: {quoted(data)}")
            try:
                parts += self._chunk(chunk)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                raise self._malformed(quoted(data)) from None
        return parts

    def _chunk(self, chunk: dict[str, Any]) -> list[Part]:
        if usage := chunk.get("usage"):
            self._usage = Usage(
                max(0, int(usage.get("prompt_tokens") or 0)),
                max(0, int(usage.get("completion_tokens") or 0)),
            )
        if not chunk.get("choices"):
            return []
        choice = chunk["choices"][0]
        if finish := choice.get("finish_reason"):
            self._stop = _STOPS.get(finish, "end")
        delta = choice.get("delta") or {}
        for call in delta.get("tool_calls") or ():
            self._add(call)
        if delta.get("refusal"):
            self._refused = True
        words = delta.get("content") or delta.get("refusal") or choice.get("text") or ""
        if not isinstance(words, str):
            raise TypeError
        return [TextDelta(words)] if words else []

    def _add(self, delta: dict[str, Any]) -> None:
        # Some servers leave the index out; there a new id means a new call.
        last = max(self._calls, default=-1)
        index = delta.get("index")
        if index is None:
            index = last + 1 if delta.get("id") or last < 0 else last
        call = self._calls.setdefault(int(index), _Call())
        function = delta.get("function") or {}
        call.id = str(delta.get("id") or call.id)
        call.tool = str(function.get("name") or call.tool)
        args = function.get("arguments") or ""
        call.args.append(args if isinstance(args, str) else orjson.dumps(args).decode())

    def _call(self, index: int, call: _Call) -> ToolCall:
        text = "".join(call.args)
        ident = call.id or f"c{index}"
        try:
            args = orjson.loads(text or "{}")
        except ValueError:
            args = None
        return ToolCall(ident, call.tool, args if isinstance(args, dict) else text)

    def _malformed(self, what: str) -> ModelFailed:
        return ModelFailed(f"{self._who} sent what is not of its format: {what}")
