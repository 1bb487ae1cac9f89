"""The double of a provider: answers from a list, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TypeAlias

import orjson

from sandbox.errors import ModelError, ModelFailed
from sandbox.models.chat_body import messages
from sandbox.models.provider import (
    Done,
    Mode,
    Part,
    Request,
    StopReason,
    TextDelta,
    ToolCall,
    Usage,
)

__all__ = ["Canned", "CannedProvider"]

Canned: TypeAlias = str | Sequence[TextDelta | ToolCall] | ModelError
"""An answer: words, or the parts before ``Usage`` and ``Done``, or the error that is raised."""


class CannedProvider:
    """Gives the answers in order and keeps what it was asked in ``asked``."""

    name = "canned"

    def __init__(self, answers: Iterable[Canned] = (), mode: Mode = "tools") -> None:
        self._answers = iter(answers)
        self._mode = mode
        self.asked: list[Request] = []
        self.closed = False

    def family(self, model: str) -> str:
        return model or self.name

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return self._mode

    def body(self, request: Request) -> bytes:
        return orjson.dumps(messages(request.system, request.turns))

    async def ready(self, model: str) -> None:  # noqa: ARG002 - as above
        return

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        self.asked.append(request)
        answer = next(self._answers, None)
        if answer is None:
            raise ModelFailed(f"the list of answers is used up after {len(self.asked) - 1}")
        if isinstance(answer, ModelError):
            raise answer
        parts = [TextDelta(answer)] if isinstance(answer, str) else answer
        for part in parts:
            yield part
        body = self.body(request)
        calls = any(isinstance(part, ToolCall) for part in parts)
        stop: StopReason = "tools" if calls else "end"
        yield Usage(len(body), len(parts))
        yield Done(stop, hashlib.sha256(body).hexdigest(), len(body))

    async def close(self) -> None:
        self.closed = True
