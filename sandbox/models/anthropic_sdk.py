"""Anthropic's SDK: one question, its answer as typed parts, its failures as ours.

Imported where Claude is asked first: the SDK costs 1.4 s of processor time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator
from typing import Any, Final

import httpx2
import orjson
from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    Omit,
)
from anthropic.types import Message, MessageDeltaUsage, RawMessageStreamEvent
from anthropic.types import Usage as MadeUsage

from sandbox.errors import AnswerMalformed, CutShort, ModelError
from sandbox.models.calls import Calls
from sandbox.models.connection import BROKEN, connection_error, open_client
from sandbox.models.endpoint import Endpoint
from sandbox.models.failures import event_error, quoted, status_error
from sandbox.models.provider import Done, Part, Reasoning, StopReason, TextDelta, Usage

__all__ = ["AnthropicSdk", "connect"]

_STOPS: Final[dict[str, StopReason]] = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "end",
    "refusal": "refusal",
    "stop_sequence": "stop",
    "tool_use": "tools",
}

_MALFORMED: Final = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What the SDK and the reading of its events raise on an answer that is not of the format."""


def connect(endpoint: Endpoint, silent_seconds: float) -> AnthropicSdk:
    """The SDK at one address."""
    return AnthropicSdk(endpoint, silent_seconds)


class AnthropicSdk:
    """Asks the Messages API at one address, once per question."""

    def __init__(self, endpoint: Endpoint, silent_seconds: float) -> None:
        self._endpoint = endpoint
        self._http = open_client(httpx2.AsyncClient, silent_seconds)
        self._client: AsyncAnthropic | None = None

    async def ask(self, body: bytes, model: str) -> AsyncGenerator[Part, None]:
        answer = _Answer()
        try:
            # The SDK's own method for a body that is made already: what is sent is to the byte what can
            # be shown again, whatever a later version of the SDK would make of the same arguments.
            stream = await self._connected().post(
                "/v1/messages",
                content=body,
                cast_to=Message,
                stream=True,
                stream_cls=AsyncStream[RawMessageStreamEvent],
            )
            async with stream:
                kind = stream.response.headers.get("content-type", "")
                if "event-stream" not in kind:
                    raise self._malformed(f"{quoted(kind)!r} is not a stream")
                async for event in stream:
                    for part in answer.take(event):
                        yield part
                sent = stream.response.request.content
        except (AnthropicError, *BROKEN) as error:
            raise self._folded(error, model) from None
        except _MALFORMED as error:
            raise self._malformed(f"{type(error).__name__}: {quoted(str(error))}") from None
        if answer.stop is None:
            raise CutShort(f"{self._endpoint.who} broke off in the middle of an answer")
        for part in answer.calls.whole():
            yield part
        if answer.usage is not None:
            yield answer.usage
        yield Done(answer.stop, hashlib.sha256(sent).hexdigest(), len(sent))

    async def probe(self, model: str) -> None:
        try:
            await self._connected().get("/v1/models", cast_to=object)
        except (AnthropicError, *BROKEN) as error:
            raise self._folded(error, model) from None
        except _MALFORMED:
            return

    async def close(self) -> None:
        await self._http.aclose()

    def _connected(self) -> AsyncAnthropic:
        if self._client is None:
            self._client = AsyncAnthropic(
                base_url=self._endpoint.url,
                # Without one the SDK looks for keys of its own, which are not meant for this address.
                api_key=self._endpoint.key or "none",
                default_headers=None if self._endpoint.key else _without_the_users(),
                http_client=self._http,
                timeout=self._http.timeout,
                max_retries=0,
                open_telemetry=False,
            )
        return self._client

    def _folded(self, error: Exception, model: str) -> ModelError:
        match error:
            case APIStatusError():
                response = error.response
                said = error.body if isinstance(error.body, str) else orjson.dumps(error.body)
                if response.status_code == 200:
                    return event_error(said, self._endpoint, model)
                return status_error(
                    response.status_code, said, self._endpoint, model, response.headers
                )
            case APIConnectionError():
                return connection_error(error.__cause__, self._endpoint)
            case AnthropicError():
                return self._malformed(quoted(str(error)))
            case _:
                return connection_error(error, self._endpoint)

    def _malformed(self, what: str) -> AnswerMalformed:
        what = self._endpoint.hush(what)
        return AnswerMalformed(f"{self._endpoint.who} sent what is not of its format: {what}")


def _without_the_users() -> Any:
    """Headers that the SDK would take from the user's environment, left out: they may hold secrets."""
    lines = os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines()
    return {line.partition(":")[0].strip(): Omit() for line in lines if ":" in line}


class _Answer:
    """One answer, event by event."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.usage: Usage | None = None
        self.stop: StopReason | None = None

    def take(self, event: RawMessageStreamEvent) -> list[Part]:
        """The words in an event; the rest is kept for the end."""
        match event.type:
            case "message_start":
                self.usage = _usage(event.message.usage, None)
            case "content_block_start":
                return self._block(event.index, event.content_block)
            case "content_block_delta":
                return self._delta(event.index, event.delta)
            case "message_delta":
                self.usage = _usage(event.usage, self.usage)
                if event.delta.stop_reason is not None:
                    self.stop = _STOPS.get(event.delta.stop_reason, "end")
        return []

    def _block(self, index: int, block: Any) -> list[Part]:
        match block.type:
            case "text":
                return [TextDelta(_text(block.text))] if block.text else []
            case "thinking":
                return [Reasoning(_text(block.thinking))] if block.thinking else []
            case "tool_use":
                args = orjson.dumps(block.input).decode() if block.input else ""
                self.calls.add(index, id=_text(block.id), tool=_text(block.name), args=args)
        return []

    def _delta(self, index: int, delta: Any) -> list[Part]:
        match delta.type:
            case "text_delta":
                return [TextDelta(_text(delta.text))]
            case "thinking_delta":
                return [Reasoning(_text(delta.thinking))]
            case "input_json_delta":
                self.calls.add(index, args=_text(delta.partial_json))
        return []


def _text(value: object) -> str:
    # The SDK builds its events without checking them.
    if not isinstance(value, str):
        raise TypeError(f"a text was due, not {type(value).__name__}")
    return value


def _usage(made: MadeUsage | MessageDeltaUsage, before: Usage | None) -> Usage:
    """The counts so far; a later event may repeat or leave out what an earlier one said."""
    read, write = made.cache_read_input_tokens, made.cache_creation_input_tokens
    cached = (before.cache_read, before.cache_write) if before is not None else (0, 0)
    read = cached[0] if read is None else max(0, read)
    write = cached[1] if write is None else max(0, write)
    fresh = made.input_tokens
    if fresh is None:
        fresh = before.tokens_in - sum(cached) if before is not None else 0
    return Usage(max(0, fresh) + read + write, max(0, made.output_tokens or 0), None, read, write)
