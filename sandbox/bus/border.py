"""The house's border on the bus: what an agent sends is checked here, once, field by field."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, Final, TypeAlias, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from agents.wire import Ack, Bid, Envelope, Hello, Intent, Peer, Result, ThinkRequest
from sandbox.errors import BorderError

__all__ = ["PAYLOAD_BYTES", "Admitted", "FromAgent", "admit"]

PAYLOAD_BYTES: Final = 1 << 20
"""What the gate lets an agent send at once."""

_DEPTH: Final = 64
"""Nesting of arrays and objects; what goes deeper is written to exhaust a reader's stack."""
_ARGS_BYTES: Final = 256 << 10

FromAgent: TypeAlias = Hello | ThinkRequest | Intent | Result | Bid | Peer | Ack

_NAME: Final = r"^[^\x00-\x1f\x7f]*$"
_NUMBER: Final = Field(ge=0, lt=1 << 53)
"""Counts, ids and seqs; beyond 2**53 JSON readers disagree."""
_FIELDS: Final[dict[str, Any]] = {
    "id": Field(min_length=1, max_length=64, pattern=_NAME),
    "kind": Field(min_length=1, max_length=64, pattern=_NAME),
    "re": Field(max_length=64, pattern=_NAME),
    "agent": Field(max_length=32, pattern=r"^[a-z][a-z0-9-]*$"),
    "call": Field(max_length=128, pattern=_NAME),
    "tool": Field(max_length=64, pattern=_NAME),
    "python": Field(max_length=64, pattern=_NAME),
    "extra": Field(max_length=16 << 10),
    "text": Field(max_length=64 << 10),
    "output": Field(max_length=1 << 20),
    "exit": Field(ge=-(1 << 31), lt=1 << 31),
    "seconds": Field(ge=0, allow_inf_nan=False),
    "turn": _NUMBER,
    "upto": _NUMBER,
    "pid": _NUMBER,
    "wire": _NUMBER,
    "v": _NUMBER,
    "cut": _NUMBER,
}
"""What a field may hold, whichever message it is in. Lengths are in characters."""

_STRICT: Final = ConfigDict(strict=True, extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A message of an agent that is of our protocol."""

    envelope: Envelope
    body: FromAgent


def admit(payload: bytes, *, limit: int = PAYLOAD_BYTES) -> Admitted:
    """Check one message from an agent and give it its type.

    Strict: a number in quotes is no number. Fields that this version does not know are kept, in
    ``envelope.more`` and ``envelope.body``. JSON itself is read strictly too: no NaN, no infinity, no
    half of a surrogate pair, no bytes that are not UTF-8. A NUL is refused in a name and kept in a
    text, where it is what the agent wrote.

    Raises:
        BorderError: it is not of our protocol; one plain sentence says in what way. Nothing in it is
            the agent's, so that there are few such sentences, however many messages it sends.
    """
    if len(payload) > limit:
        raise BorderError(f"The message has more than {limit} bytes.")
    try:
        raw = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BorderError(f"The message is no JSON: {error.msg}.") from None
    if not isinstance(raw, dict):
        raise BorderError(f"The message is no JSON object but of type {type(raw).__name__}.")
    # Every level costs an opening bracket, so few of them settle it without a walk.
    if payload.count(b"{") + payload.count(b"[") > _DEPTH and _deeper(raw, _DEPTH):
        raise BorderError(f"The message is nested more than {_DEPTH} deep.")
    head = _check(_ENVELOPE, raw, "The message")
    kind, body = head["kind"], head["body"]
    if kind not in _SHAPES:
        raise BorderError("The message is of a kind that is not an agent's to send.")
    cls, shape = _SHAPES[kind]
    checked = _check(shape, body, f"The message '{kind}'")
    long = cls is Intent and len(payload) > _ARGS_BYTES
    if long and len(orjson.dumps(body["args"])) > _ARGS_BYTES:
        raise BorderError(f"The message '{kind}' has more than {_ARGS_BYTES} bytes in 'args'.")
    more = {k: v for k, v in raw.items() if k not in head}
    return Admitted(Envelope(**head, more=more), cls(**checked))


def _check(shape: type[BaseModel], raw: object, whose: str) -> dict[str, Any]:
    """Give the fields of a message, those that were left out with their defaults."""
    try:
        return shape.model_validate(raw).__dict__
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = first["loc"][0] if first["loc"] else "body"  # what is deeper has the agent's names
        what = first["msg"].removeprefix("Input ").removeprefix("Field ")
        text = f"{what[:1].lower()}{what[1:]}"
        raise BorderError(f"{whose} is wrong at '{where}': {text}.") from None


def _shape(cls: type[FromAgent | Envelope]) -> type[BaseModel]:
    """Make the check of a message from its declaration in agents.wire and the limits above."""
    hints = get_type_hints(cls)
    members: dict[str, Any] = {}
    for f in fields(cls):
        if f.name != "more":
            default = ... if f.default is MISSING else f.default
            members[f.name] = (Annotated[hints[f.name], _FIELDS.get(f.name)], default)
    return create_model(cls.__name__, __config__=_STRICT, **members)


_ENVELOPE: Final = _shape(Envelope)
_SHAPES: Final[dict[str, tuple[type[FromAgent], type[BaseModel]]]] = {
    cls.KIND: (cls, _shape(cls)) for cls in (Hello, ThinkRequest, Intent, Result, Bid, Peer, Ack)
}


def _deeper(value: object, levels: int) -> bool:
    """Tell whether arrays and objects nest deeper than this many levels."""
    layer: list[Any] = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True
