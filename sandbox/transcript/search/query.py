"""What is looked for: a tree of words, phrases, patterns and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from sandbox.transcript.kinds import KINDS

__all__ = [
    "CLASSES",
    "FIELDS",
    "SEARCHED",
    "SILENT",
    "And",
    "Field",
    "Not",
    "Or",
    "Phrase",
    "Query",
    "Regex",
    "Turns",
    "Word",
    "leaves",
    "write",
]

CLASSES: Final = ("say", "whisper", "think", "action", "result", "flag", "operator", "run")
"""What ``kind:`` takes beside the kinds of events: what a reader would call them."""

SILENT: Final = frozenset(
    {"think.request", "turn.bid", "turn.offered", "turn.ended", "box.started"}
)
"""Kinds in which nobody says anything: half of a record, and none of what people look for."""

SEARCHED: Final = (*CLASSES, *sorted(KINDS - SILENT - set(CLASSES)))

FIELDS: Final = {
    "agent": "who did it, or whom a flag is about",
    "room": "where",
    "to": "to whom it was said",
    "kind": "say, whisper, think, action, result, flag, operator, run, or a kind of event",
    "tool": "the tool of an action or a result",
    "flag": "flags whose id begins so, and the events that they rest on",
    "turn": "N, N..M, N.. or ..M",
    "run": "runs whose id begins so",
    "title": "runs with these letters in their title",
    "model": "agents with these letters in their model's name",
    "format": "runs imported from this format",
    "after": "from this date on: 2026-11-21, also with T13:05",
    "before": "before this date",
}
"""Every field, and what its value means."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a few joined by signs (``don't``); ``prefix``: the last may go on."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Letters and signs that stand there exactly so, but for case, diacritics and the width of spaces."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern of Python's ``re``, without regard to case."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of ``FIELDS`` other than ``turn``, and its value as it was given."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns from ``first`` to ``last``, both included; None where a side is open."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Not:
    """All that does not match ``part``."""

    part: Query


@dataclass(frozen=True, slots=True)
class And:
    """What matches all of its two or more parts."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What matches one of its two or more parts."""

    parts: tuple[Query, ...]


Leaf: TypeAlias = Word | Phrase | Regex | Field | Turns
Query: TypeAlias = Leaf | Not | And | Or

_BARE: Final = re.compile(r"[^\s()\"*]+")


def leaves(query: Query) -> Iterator[Leaf]:
    """Every word, phrase, pattern and field of a query, from left to right."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield query


def write(query: Query) -> str:
    """Write a query so that parsing it gives the same again."""
    match query:
        case Word(text, prefix):
            return text + "*" * prefix
        case Phrase(text, prefix):
            return _quoted(text) + "*" * prefix
        case Regex(pattern):
            return f"/{pattern}/"
        case Field(name, value):
            return f"{name}:{value if _BARE.fullmatch(value) else _quoted(value)}"
        case Turns(first, last):
            return f"turn:{_span(first, last)}"
        case Not(part):
            return f"-{_grouped(part)}"
        case And(parts):
            return " ".join(map(write, parts))
        case Or(parts):
            return " OR ".join(_grouped(part) for part in parts)


def _grouped(query: Query) -> str:
    return f"({write(query)})" if isinstance(query, And | Or) else write(query)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _span(first: int | None, last: int | None) -> str:
    if first is not None and first == last:
        return str(first)
    return f"{'' if first is None else first}..{'' if last is None else last}"
