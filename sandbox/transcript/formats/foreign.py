"""A transcript of another system, as an importer understood it: what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Entry", "EntryKind", "Foreign", "Oddity", "Party", "Source"]

EntryKind: TypeAlias = Literal["say", "whisper", "thought", "action", "result", "note", "operator"]
"""Words to the room; to some; reasoning that nobody was sent; a call of a tool; its outcome; something
that the other system reports (an image, a join, a marker); words of a person who ran it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is to be read: its name as given, and its bytes. Read-only to importers.

    ``beside`` gives the bytes of the other files of its folder by name, where a format needs them, and
    those of templates that are imported with it as ``templates/<name>``; each is read when asked for.
    ``all_branches``: where a format holds a tree, every way through it is a run, not the chosen one alone.
    """

    name: str
    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    all_branches: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """Who took part: the name as it stands in the file, byte for byte, and what the file says of it."""

    name: str
    model: str | None = None
    system: str | None = None
    """The system prompt."""
    human: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Sampling, roles, and the like: kept under the other system's own names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said or done. ``text`` is byte for byte what the file holds of it.

    An action and its result with the same ``more["call"]`` belong together; else a result answers its
    party's last action. ``more["ok"]`` (bool) and ``more["exit"]`` (int) say how an action went, where told;
    ``more["author"]`` is ``box`` where an action is known not to be the model's own.

    ``turn`` is the other system's own number, ``at`` an ISO 8601 time; None where the file has none.
    ``line`` is where it begins in the file, from 1, None in formats without lines.
    """

    kind: EntryKind
    who: str
    """The name of a ``Party``."""
    text: str
    to: Sequence[str] = ()
    room: str | None = None
    at: str | None = None
    turn: int | None = None
    line: int | None = None
    tool: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something in the file that its format does not foresee, and what was made of it."""

    what: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """One run of another system. A file may hold several. What is not known is None or empty."""

    format: str
    title: str
    parties: Sequence[Party]
    entries: Sequence[Entry]
    started: str | None = None
    """ISO 8601."""
    ended: str | None = None
    end_reason: str | None = None
    seed_context: Sequence[Entry] = ()
    """What the models were given as history before the first turn; it was not said in this run.

    ``who`` is the party that was given it, and ``more["role"]`` its role, ``user`` or ``assistant``.
    """
    more: Mapping[str, Any] = field(default_factory=dict)
    oddities: Sequence[Oddity] = ()
    record: bytes | None = None
    """Our own events.jsonl, checked: kept as it is instead of everything above."""
