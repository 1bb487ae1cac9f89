"""Where the app can go: each place is what a page needs to open there, whoever asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from sandbox.bus.watcher import Answered
    from sandbox.engine.plan import Plan
    from sandbox.transcript.replay_log import Log

__all__ = [
    "MODES",
    "Ask",
    "Compared",
    "Edited",
    "Flagged",
    "Inspected",
    "ModeName",
    "Place",
    "Played",
    "Replayed",
    "Watched",
]

Ask: TypeAlias = "Callable[[Mapping[str, Any]], Awaitable[Answered]]"
"""Asks the engine of a live run for something, as an operator."""

ModeName: TypeAlias = Literal["launch", "live", "runs", "flags", "edit", "compare"]

MODES: Final[tuple[ModeName, ...]] = ("launch", "live", "runs", "flags", "edit", "compare")
"""In the order of their keys, ``1`` to ``6``."""


@dataclass(frozen=True, slots=True)
class Played:
    """Live: play this plan."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Watched:
    """Live: sit down at a run that is being played; its id, or the path of its control file."""

    run: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """Runs: play a recorded run again, from an event or a turn if one is named."""

    folder: Path
    seq: int | None = None
    turn: int | None = None
    agent: str | None = None
    """Whose inspector is opened there."""
    speed: float | None = None
    """Times as fast as it was, and playing from there; None opens it paused."""
    cap: float | None = None
    """Seconds that a longer silence is cut to; None for the usual."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One agent of a run, as of the event before ``position``; over the page that asks."""

    log: Log
    agent: str
    position: int
    folder: Path | None = None
    """Of the run's record; None where only the bus is at hand."""
    live: str | None = None
    """The run's id, if its boxes are there to be looked at."""
    ask: Ask | None = field(default=None, compare=False)
    """Reaches its engine, if that can be asked; raises BackroomsError."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """Flags: those of one run, or of all."""

    folder: Path | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """Edit: a file, or a text that has none yet."""

    path: Path | None = None
    text: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Compare: two recorded runs."""

    first: Path
    second: Path


Place: TypeAlias = ModeName | Played | Watched | Replayed | Inspected | Flagged | Edited | Compared
