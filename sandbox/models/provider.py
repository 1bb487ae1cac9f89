"""The Provider seam: one stream of typed parts per answer, whoever makes the model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from sandbox.transcript.event import Event

__all__ = [
    "ChatTurn",
    "Done",
    "Mode",
    "Part",
    "Provider",
    "Reasoning",
    "Recalling",
    "Request",
    "StopReason",
    "TextDelta",
    "ToolCall",
    "ToolSpec",
    "Usage",
]

Mode: TypeAlias = Literal["tools", "json", "talk"]
"""How a model acts: by its own tool calls, by one JSON object that fits a schema, or by plain words."""

StopReason: TypeAlias = Literal["end", "tools", "length", "stop", "refusal", "filter"]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is shown to a model; ``schema`` is a JSON Schema of its arguments."""

    name: str
    about: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call, part of an answer; ``args`` is what the model wrote, or its raw text if that is no JSON."""

    id: str
    tool: str
    args: Mapping[str, Any] | str


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One turn of an agent's history, rebuilt as plain text so that no maker's block crosses models.

    ``tool`` turns carry the result of the call ``call_id``.
    """

    role: Literal["user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked. ``turns`` is shared with the gateway and must not be changed."""

    model: str
    """Without the provider's name: ``smollm2``, ``llama3.2:3b``."""
    agent: str
    turn: int
    think: int
    """Counts the agent's thinks in this turn from 1."""
    system: str
    turns: Sequence[ChatTurn]
    tools: tuple[ToolSpec, ...] = ()
    mode: Mode = "talk"
    purpose: Literal["act", "bid"] = "act"
    max_tokens: int = 512
    temperature: float | None = None
    seed: int | None = None
    names: tuple[str, ...] = ()
    """The other agents' ids, for stop sequences of models that like to play every part."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next words of what the model thinks before it answers, where its maker shows them.

    Recorded, and never sent back: makers tie such blocks to one model and one conversation.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the maker counts them; ``money`` in USD, None where no price is known.

    ``tokens_in`` holds all tokens of the request, those read from or written to a cache included.
    """

    tokens_in: int
    tokens_out: int
    money: float | None = None
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole. ``sent_sha256`` and ``sent_bytes`` are of the body that went over the wire.

    ``malformed`` is what was wrong with an answer that is played back: the record keeps the fault, not
    the words.
    """

    stop: StopReason
    sent_sha256: str = ""
    sent_bytes: int = 0
    malformed: str | None = None


Part: TypeAlias = TextDelta | Reasoning | ToolCall | Usage | Done


class Provider(Protocol):
    """Asks one maker's models. Every provider passes ``tests/models/test_provider.py``.

    A stream yields any number of ``TextDelta`` and ``ToolCall``, at most one ``Usage``, and exactly
    one ``Done``, last. A stream that cannot end so raises ``ModelFailed`` (or ``ModelUnavailable``).
    """

    @property
    def name(self) -> str:
        """The first part of a model's name: ``scripted``, ``local``, ``openai``."""

    def family(self, model: str) -> str:
        """The maker or line a model belongs to, for telling who is of another kind: ``smollm``, ``qwen``."""

    def mode(self, model: str, *, acts: bool) -> Mode:
        """The way in which this model acts; ``acts`` is False where the agent's tools are talk only."""

    def body(self, request: Request) -> bytes:
        """Exactly what ``stream`` would send, as bytes: a pure function, so that it can be shown again."""

    async def ready(self, model: str) -> None:
        """Check that the model can be asked (and load it). Raises ModelUnavailable with the remedy."""

    def stream(self, request: Request) -> AsyncIterator[Part]: ...

    async def close(self) -> None:
        """Let go of connections, processes and memory."""


@runtime_checkable
class Recalling(Protocol):
    """A provider that keeps a place of its own, such as the next line of a script."""

    def recall(self, request: Request, answer: Event) -> None:
        """Move on by a think of the run's record, as if it had been asked; answers come in their order.

        ``answer`` is the ``think.done`` or ``think.failed``.
        """
