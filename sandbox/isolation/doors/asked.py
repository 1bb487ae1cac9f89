"""One request at a door, and one answer: plain values, so that every door is a function of the first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

__all__ = ["Answer", "Asked", "Door", "Reply", "Settle", "as_json", "at_once"]

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole request, all of it hostile. Names of headers are in lower case; ``target`` is as it came."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without its query, its escapes read."""
        try:
            return unquote(urlsplit(self.target).path)
        except ValueError:  # an IPv6 address that is none
            return self.target

    @property
    def query(self) -> dict[str, str]:
        """The query; of a name that comes twice the last counts."""
        try:
            return dict(parse_qsl(urlsplit(self.target).query, max_num_fields=64))
        except ValueError:
            return {}

    def header(self, name: str) -> str:
        """A header's value by its name in lower case; empty if it did not come."""
        return next((value for key, value in self.headers if key == name), "")

    def json(self) -> object:
        """The body as JSON; None if it is none."""
        try:
            return orjson.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says. ``act`` is what was asked for, in a word of the door's own: ``container.create``.

    ``parts`` are sent one after the other, as a stream, in place of ``body``. ``upgrade`` names the protocol
    that is spoken from here on: the body is then all that is said in it. ``facts`` go into the record.
    """

    act: str
    status: int = 200
    body: bytes = b""
    kind: str = JSON
    headers: Sequence[tuple[str, str]] = ()
    parts: Sequence[bytes] = ()
    upgrade: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bytes:
        """All that is sent behind the headers."""
        return self.body or b"".join(self.parts)


class Door(Protocol):
    """What stands behind one socket of one agent. It does nothing but answer."""

    def reply(self, asked: Asked) -> Answer:
        """Answer a request: at once, from what it was made with and what it was asked before."""


Settle: TypeAlias = Callable[[Answer], Awaitable[None]]
"""Records an answer; it may be given once this has come back."""
Reply: TypeAlias = Callable[[Asked, Settle], Awaitable[Answer]]
"""Finds an answer, and settles it."""


def at_once(door: Door) -> Reply:
    """A door that takes no time, as one that might."""

    async def reply(asked: Asked, settle: Settle) -> Answer:
        answer = door.reply(asked)
        await settle(answer)
        return answer

    return reply


def as_json(act: str, value: object, status: int = 200, **more: Any) -> Answer:
    """Answer with a JSON value."""
    return Answer(act, status, orjson.dumps(value), **more)
