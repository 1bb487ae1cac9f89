"""One event as one line of ``events.jsonl``, and back.

A line is a JSON object in UTF-8 whose members stand in this order: ``seq``, ``ts``, ``kind``,
``run``, ``actor``, ``room``, ``visible_to``, ``parent``, ``data``, ``hash``. The hash is the hex
SHA-256 over the previous line's hash (its 64 ASCII characters; 64 zeros before the first line)
followed by this line's bytes without the hash member and the newline.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import product
from operator import itemgetter
from types import NoneType
from typing import Any, Final

import orjson

from sandbox.errors import Damaged
from sandbox.transcript.event import Event

__all__ = [
    "EVENTS_FILE",
    "NO_HASH",
    "chained",
    "decode",
    "dumps",
    "encode",
    "is_event",
    "make_safe",
    "split",
]

EVENTS_FILE: Final = "events.jsonl"
"""The file in a run's folder that is the truth about it."""

NO_HASH: Final = "0" * 64
"""What stands for the previous hash before the first line."""

_DEEPEST: Final = 240
"""orjson writes 254 levels; the envelope takes two and a reader may want some."""

_TYPES: Final = (
    ("seq", int),
    ("ts", str),
    ("kind", str),
    ("run", str),
    ("actor", str),
    ("room", (str, NoneType)),
    ("visible_to", (str, list)),
    ("parent", (int, NoneType)),
    ("data", dict),
    ("hash", str),
)

_values: Final = itemgetter(*(member for member, _ in _TYPES))
_SIGNATURES: Final = frozenset(
    product(*(types if isinstance(types, tuple) else (types,) for _, types in _TYPES))
)
"""The types that an event's members may have, taken together: one look instead of ten per line."""

_MEMBER: Final = b',"hash":"'
_TAIL: Final = len(_MEMBER) + 64 + len(b'"}\n')


def encode(
    event: Event, previous_hash: str, *, run: str | None = None, ts: str | None = None
) -> tuple[bytes, str]:
    """Write one event as a line that follows the line with ``previous_hash``.

    Args:
        event: what happened; its ``hash`` is not looked at.
        previous_hash: 64 hex digits, ``NO_HASH`` for the first line.
        run: stands in for ``event.run`` (a store knows it, and a copy of the event costs more).
        ts: stands in for ``event.ts``.

    Returns:
        The line with its newline, and its hash.

    Raises:
        TypeError: ``data`` holds an object that is no JSON value: a mistake in the house.
    """
    fields = {
        "seq": event.seq,
        "ts": event.ts if ts is None else ts,
        "kind": event.kind,
        "run": event.run if run is None else run,
        "actor": event.actor,
        "room": event.room,
        "visible_to": event.visible_to,
        "parent": event.parent,
        "data": event.data,
    }
    body = dumps(fields)
    digest = chained(previous_hash, body)
    return body[:-1] + _MEMBER + digest.encode("ascii") + b'"}\n', digest


def dumps(value: object, option: int | None = None) -> bytes:
    """Write a value as JSON, made safe first if orjson refuses it; ``option`` is one of orjson's."""
    try:
        return orjson.dumps(value, option=option)
    except orjson.JSONEncodeError:
        return orjson.dumps(make_safe(value), option=option)


def chained(previous_hash: str, body: bytes) -> str:
    """Return the hash of a line, from the previous line's and its own bytes without the member."""
    return sha256(previous_hash.encode("ascii") + body).hexdigest()


def split(line: bytes) -> tuple[bytes, str]:
    """Part a whole line into the bytes that its hash is over, and that hash as written.

    Raises:
        Damaged: the line does not end in a hash and a newline.
    """
    member, digest, end = line[-_TAIL:-67], line[-67:-3], line[-3:]
    if member != _MEMBER or end != b'"}\n' or not digest.isascii():
        raise Damaged("the line does not end in its hash")
    return line[:-_TAIL] + b"}", digest.decode("ascii")


def decode(line: bytes) -> Event:
    """Read one line; neither the hash nor the kind is checked, so that a newer record can be read.

    Raises:
        Damaged: the line is no JSON object, or a member of an event is missing or of a wrong type.
    """
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Damaged(f"no JSON: {error}") from None
    try:
        values = _values(raw)
    except (KeyError, IndexError, TypeError):
        raise Damaged(_what_is_wrong(raw)) from None
    if tuple(map(type, values)) not in _SIGNATURES:
        raise Damaged(_what_is_wrong(raw))
    seq, ts, kind, run, actor, room, visible_to, parent, data, digest = values
    if type(visible_to) is list:
        visible_to = tuple(visible_to)
    return Event(seq, kind, actor, data, room, visible_to, parent, run, ts, digest)


def is_event(line: bytes) -> bool:
    """Whether a line can be read."""
    try:
        decode(line)
    except Damaged:
        return False
    return True


def _what_is_wrong(raw: object) -> str:
    if not isinstance(raw, dict):
        return f"an event is a JSON object, this is {type(raw).__name__}"
    member = next(name for name, types in _TYPES if not _is(raw.get(name, ...), types))
    return f"'{member}' is missing or of a wrong type: {raw.get(member)!r:.80}"


def _is(value: object, types: type | tuple[type, ...]) -> bool:
    return type(value) in (types if isinstance(types, tuple) else (types,))


def make_safe(value: Any, depth: int = 0) -> Any:
    """Turn what orjson refuses into what it takes; everything else stays as it is.

    Agents' text is hostile: a lone surrogate becomes U+FFFD (a pair becomes its character), an
    integer beyond 64 bits its digits as text, a key that is no text its ``str``, and what is nested
    deeper than 240 levels a note. NaN and infinities need no help: orjson writes ``null``.
    """
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        if depth >= _DEEPEST:
            return "(nested too deep to record)"
        return {make_safe(str(k)): make_safe(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        if depth >= _DEEPEST:
            return "(nested too deep to record)"
        return [make_safe(item, depth + 1) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        # Python refuses to write more than 4,300 decimal digits.
        return str(value) if value.bit_length() < 4096 else hex(value)
    return value
