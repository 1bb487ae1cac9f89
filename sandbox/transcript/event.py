"""One event: a line of the record, before it has its time and its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sandbox.transcript.kinds import Kind

__all__ = ["Event", "Visibility"]

Visibility: TypeAlias = Literal["all", "room", "none"] | tuple[str, ...]
"""Who can see an event: everyone, its room's members, nobody but the operator, or these agents."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, who did it, where, who could see it, and what it rests on.

    ``seq`` counts from 1 without gaps. ``actor`` is an agent id, ``engine`` or ``operator``.
    ``parent`` is the seq of the event this one answers. ``ts`` is ISO 8601 UTC, ``hash`` the hex
    SHA-256 over the previous line's hash and this line's other bytes; both are set by the store.
    """

    seq: int
    kind: Kind
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)
    room: str | None = None
    visible_to: Visibility = "none"
    parent: int | None = None
    run: str = ""
    ts: str = ""
    hash: str = ""
