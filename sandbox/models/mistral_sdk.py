"""Mistral's SDK: one question, its answer as typed parts, its failures as ours.

Imported where Mistral is asked first: the SDK costs 0.35 s of processor time.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any, Final

import httpx2
import orjson
from mistralai.client import Mistral
from mistralai.client.errors import MistralError, NoResponseError, ResponseValidationError
from mistralai.client.models import CompletionChunk, DeltaMessage, TextChunk, ThinkChunk, UsageInfo

from sandbox.errors import AnswerMalformed, CutShort, ModelError
from sandbox.models.calls import Calls
from sandbox.models.chat_stream import STOPS
from sandbox.models.connection import BROKEN, connection_error, open_client
from sandbox.models.endpoint import Endpoint
from sandbox.models.failures import event_error, quoted, status_error
from sandbox.models.provider import Done, Part, Reasoning, StopReason, TextDelta, Usage

__all__ = ["MistralSdk", "connect"]

_MALFORMED: Final = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What the SDK and the reading of its events raise on an answer that is not of the format."""

_BODY: ContextVar[bytes] = ContextVar("body")


def connect(endpoint: Endpoint, silent_seconds: float) -> MistralSdk:
    """The SDK at one address."""
    return MistralSdk(endpoint, silent_seconds)


class _Exact(httpx2.AsyncClient):
    """The HTTP client that the SDK is given: sends the body that is made already.

    The SDK would check each message of the history with pydantic and write it anew: 300 ms of processor
    time at 2,000 messages, in which no other agent is served, for bytes that change with its version.
    """

    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        body = _BODY.get(None)
        return super().build_request(
            *args, **kwargs if body is None else kwargs | {"content": body}
        )


class MistralSdk:
    """Asks chat completions at one address, once per question."""

    def __init__(self, endpoint: Endpoint, silent_seconds: float) -> None:
        self._endpoint = endpoint
        self._http = open_client(_Exact, silent_seconds)
        self._silent = silent_seconds
        self._client: Mistral | None = None

    async def ask(self, body: bytes, model: str) -> AsyncGenerator[Part, None]:
        answer = _Answer()
        try:
            token = _BODY.set(body)
            try:
                stream = await self._connected().chat.stream_async(model=model, messages=[])
            finally:
                _BODY.reset(token)
            async with stream:
                async for event in stream:
                    for part in answer.take(event.data):
                        yield part
                sent = stream.response.request.content
        except (MistralError, NoResponseError, *BROKEN) as error:
            raise self._folded(error, model) from None
        except _MALFORMED as error:
            raise self._malformed(f"{type(error).__name__}: {quoted(str(error))}") from None
        if answer.stop is None:
            raise CutShort(f"{self._endpoint.who} broke off in the middle of an answer")
        for part in answer.calls.whole():
            yield part
        if answer.usage is not None:
            yield answer.usage
        stop: StopReason = "tools" if answer.calls and answer.stop == "end" else answer.stop
        yield Done(stop, hashlib.sha256(sent).hexdigest(), len(sent))

    async def probe(self, model: str) -> None:
        try:
            await self._connected().models.list_async()
        except (MistralError, NoResponseError, *BROKEN) as error:
            raise self._folded(error, model) from None
        except _MALFORMED:
            return

    async def close(self) -> None:
        await self._http.aclose()

    def _connected(self) -> Mistral:
        if self._client is None:
            self._client = Mistral(
                # Without one the SDK looks for keys of its own, which are not meant for this address.
                api_key=self._endpoint.key or "none",
                server_url=self._endpoint.url,
                async_client=self._http,
                timeout_ms=int(self._silent * 1000),
            )
        return self._client

    def _folded(self, error: Exception, model: str) -> ModelError:
        match error:
            case ResponseValidationError():
                said = _data(error.body)
                if _is_error(said):
                    return event_error(said, self._endpoint, model)
                return self._malformed(quoted(said))
            case MistralError() if error.status_code == 200:
                kind = error.headers.get("content-type", "")
                return self._malformed(f"{quoted(kind)!r} is not a stream")
            case MistralError():
                return status_error(
                    error.status_code, error.body, self._endpoint, model, error.headers
                )
            case NoResponseError():
                return self._malformed(quoted(str(error)))
            case _:
                return connection_error(error, self._endpoint)

    def _malformed(self, what: str) -> AnswerMalformed:
        what = self._endpoint.hush(what)
        return AnswerMalformed(f"{self._endpoint.who} sent what is not of its format: {what}")


def _data(body: str) -> bytes:
    """The data of the event that the SDK could not read, without the frame it puts around it."""
    try:
        frame = orjson.loads(body)
    except ValueError:
        return body.encode("utf-8", "replace")
    data = frame.get("data", frame) if isinstance(frame, dict) else frame
    return data.encode("utf-8", "replace") if isinstance(data, str) else orjson.dumps(data)


def _is_error(data: bytes) -> bool:
    try:
        said = orjson.loads(data)
    except ValueError:
        return False
    return isinstance(said, dict) and (bool(said.get("error")) or said.get("object") == "error")


class _Answer:
    """One answer, chunk by chunk."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.usage: Usage | None = None
        self.stop: StopReason | None = None

    def take(self, chunk: CompletionChunk) -> list[Part]:
        """The words in a chunk; the rest is kept for the end."""
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return []
        choice = chunk.choices[0]
        if choice.finish_reason:
            self.stop = STOPS.get(choice.finish_reason, "end")
        for call in choice.delta.tool_calls or ():
            args = call.function.arguments
            self.calls.add(
                call.index,
                id="" if call.id in {None, "null"} else str(call.id),  # "null" is the SDK's none
                tool=call.function.name,
                args=args if isinstance(args, str) else orjson.dumps(args).decode(),
            )
        return _words(choice.delta)


def _words(delta: DeltaMessage) -> list[Part]:
    if not delta.content:
        return []
    if isinstance(delta.content, str):
        return [TextDelta(delta.content)]
    parts: list[Part] = []
    for piece in delta.content:
        if isinstance(piece, TextChunk):
            parts.append(TextDelta(piece.text))
        elif isinstance(piece, ThinkChunk):
            thoughts = "".join(part.text for part in piece.thinking if isinstance(part, TextChunk))
            parts.append(Reasoning(thoughts))
    return parts


def _usage(made: UsageInfo) -> Usage:
    extra = made.additional_properties.get("prompt_tokens_details")
    cached = extra.get("cached_tokens") if isinstance(extra, dict) else None
    return Usage(
        max(0, made.prompt_tokens or 0),
        max(0, made.completion_tokens or 0),
        cache_read=cached if isinstance(cached, int) and cached > 0 else 0,
    )
