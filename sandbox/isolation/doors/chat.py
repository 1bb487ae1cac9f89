"""A chat as a program asks for it, whatever wire format it came in, and as a provider is asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.models.provider import ChatTurn, ToolSpec

__all__ = ["Unfit", "Wanted", "Wire", "pieces", "read", "schema"]

PIECE: Final = 40
"""Characters of one piece of a streamed answer: about what ten tokens are."""

T = TypeVar("T", bound=BaseModel)


class Unfit(Exception):
    """A request that cannot be answered; the message is for the client."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A chat that is to be answered. None is left to the model."""

    model: str
    turns: tuple[ChatTurn, ...]
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    seed: int | None = None
    stream: bool = False
    usage: bool = True
    """Whether a stream ends with what was used."""


class Wire(BaseModel):
    """A part of a request from outside. What a maker's format has besides is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def read(kind: type[T], body: object) -> T:
    """Check a body. Raises Unfit with the first thing that is wrong."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the body"
        raise Unfit(f"{where}: {first['msg']}") from None
    except RecursionError:
        raise Unfit("the body is nested too deeply") from None


def pieces(text: str) -> Iterator[str]:
    """Cut a whole answer as if it had come little by little: it is recorded before any of it is given."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def schema(parameters: dict[str, Any] | None) -> dict[str, Any]:
    """A tool's JSON Schema; one that was left out takes no arguments."""
    return parameters or {"type": "object", "properties": {}}
