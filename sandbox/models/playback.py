"""A recorded reply as what a provider gives: the parts of an answer, or the failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sandbox.errors import ModelError, ModelFailed, Transient
from sandbox.models.actions import parse_action
from sandbox.models.provider import (
    Done,
    Part,
    Reasoning,
    Request,
    StopReason,
    TextDelta,
    ToolCall,
    Usage,
)
from sandbox.transcript.event import Event

__all__ = ["answer", "failure"]


def answer(done: Event, request: Request, *, sent: bool) -> Iterator[Part]:
    """The parts of the answer in a ``think.done``; ``sent``: with the digest of what went out then."""
    data = done.data
    if data.get("reasoning"):
        yield Reasoning(data["reasoning"])
    if data["text"]:
        yield TextDelta(data["text"])
    yield from _calls(data, request)
    yield Usage(
        data.get("tokens_in") or 0,
        data.get("tokens_out") or 0,
        data.get("money"),
        data.get("cache_read") or 0,
        data.get("cache_write") or 0,
    )
    stop = cast("StopReason", data.get("stop") or "end")
    body = (data.get("sent") if sent else None) or {"sha256": "", "bytes": 0}
    yield Done(stop, body["sha256"], body["bytes"], data.get("malformed"))


def _calls(data: Any, request: Request) -> Iterator[ToolCall]:
    calls = [ToolCall(call["id"], call["tool"], call["args"]) for call in data["calls"]]
    in_text = request.mode == "json" and request.purpose == "act"
    if in_text and calls and isinstance(parse_action(data["text"], request.tools), ToolCall):
        calls.pop()  # the gateway reads it from the text again
    yield from calls


def failure(failed: Event, *, passes: bool) -> ModelError:
    """The error in a ``think.failed`` or ``think.retried``; ``passes``: it is to be tried again."""
    kind = str(failed.data.get("kind") or failed.data.get("error_kind"))
    message = str(failed.data["error"])
    known: dict[str, type[ModelError]] = {cls.__name__: cls for cls in _below(ModelError)}
    cls = known.get(kind) or _of_another_version(kind)
    if issubclass(cls, Transient):
        # What was given up then must not be waited for now, and what was waited for need not be long.
        return cls(message, retry_after=0.0 if passes else float("inf"))
    return cls(message)


def _of_another_version(kind: str) -> type[ModelError]:
    """An error with a name of which nothing else is known here: the record shows the name."""
    return type(kind, (ModelFailed,), {})


def _below(cls: type[ModelError]) -> Iterator[type[ModelError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from _below(below)
