"""The answer of a server that speaks OpenAI's format, sans I/O: bytes in, typed parts out."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from sandbox.errors import AnswerMalformed, CutShort
from sandbox.models.calls import Calls
from sandbox.models.endpoint import Endpoint
from sandbox.models.failures import event_error, quoted
from sandbox.models.provider import Done, Part, Reasoning, StopReason, TextDelta, Usage
from sandbox.models.sse import EventData, TooLong

__all__ = ["STOPS", "ChatStream"]

LONGEST_ANSWER: Final = 16 << 20
"""Bytes of a whole stream: a bound against a server that never ends, a hundred times the longest
answer that models give."""

MOST_TOKENS: Final = 1 << 53
"""A count beyond this is no count, and JSON readers disagree about it."""

STOPS: Final[dict[str, StopReason]] = {
    "stop": "end",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "model_length": "length",
    "content_filter": "filter",
}
"""Why an answer ended, in the words of OpenAI and Mistral; any other word is an end like any."""


class ChatStream:
    """Reads one answer of ``/chat/completions`` or ``/completions``; the endpoint is named in errors."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._endpoint = endpoint
        self._model = model
        self._events = EventData()
        self._size = 0
        self._calls = Calls()
        self._usage: Usage | None = None
        self._stop: StopReason | None = None
        self._refused = False

    def feed(self, chunk: bytes) -> list[Part]:
        """Take in the next bytes; return the words in them.

        Raises:
            ModelError: the server reports an error, or sends what is not of its format.
        """
        self._size += len(chunk)
        if self._size > LONGEST_ANSWER:
            raise self._malformed(f"one answer has more than {LONGEST_ANSWER:,} bytes")
        try:
            return self._read(self._events.feed(chunk))
        except TooLong as error:
            raise self._malformed(str(error)) from None

    def end(self, sent: bytes) -> list[Part]:
        """The stream has ended: the calls, the usage and ``Done``. ``sent`` is the request's body.

        Raises:
            CutShort: it ended before the server said that the answer was whole.
        """
        parts = self._read(self._events.end())
        if self._stop is None:
            raise CutShort(f"{self._endpoint.who} broke off in the middle of an answer")
        parts += self._calls.whole()
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
                raise event_error(data, self._endpoint, self._model)
            try:
                parts += self._chunk(chunk)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                raise self._malformed(quoted(data)) from None
        return parts

    def _chunk(self, chunk: dict[str, Any]) -> list[Part]:
        if usage := chunk.get("usage"):
            details = usage.get("prompt_tokens_details") or {}
            self._usage = Usage(
                _count(usage.get("prompt_tokens")),
                _count(usage.get("completion_tokens")),
                cache_read=_count(details.get("cached_tokens")),
            )
        if not chunk.get("choices"):
            return []
        choice = chunk["choices"][0]
        if finish := choice.get("finish_reason"):
            self._stop = STOPS.get(finish, "end")
        delta = choice.get("delta") or {}
        for call in delta.get("tool_calls") or ():
            self._add(call)
        if delta.get("refusal"):
            self._refused = True
        # The first name is vLLM's, llama.cpp's and DeepSeek's, the second Ollama's and OpenRouter's.
        thoughts = delta.get("reasoning_content") or delta.get("reasoning") or ""
        words = delta.get("content") or delta.get("refusal") or choice.get("text") or ""
        if not isinstance(words, str) or not isinstance(thoughts, str):
            raise TypeError
        parts: list[Part] = [Reasoning(thoughts)] if thoughts else []
        return [*parts, TextDelta(words)] if words else parts

    def _add(self, delta: dict[str, Any]) -> None:
        index = delta.get("index")
        function = delta.get("function") or {}
        args = function.get("arguments") or ""
        self._calls.add(
            None if index is None else int(index),
            id=str(delta.get("id") or ""),
            tool=str(function.get("name") or ""),
            args=args if isinstance(args, str) else orjson.dumps(args).decode(),
        )

    def _malformed(self, what: str) -> AnswerMalformed:
        what = self._endpoint.hush(what)
        return AnswerMalformed(f"{self._endpoint.who} sent what is not of its format: {what}")


def _count(value: object) -> int:
    return min(max(0, int(value)), MOST_TOKENS) if isinstance(value, int | float | str) else 0
