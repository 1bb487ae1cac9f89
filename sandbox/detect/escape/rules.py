"""The shape of a rule: which facts are a sign of which technique."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.detect.escape.facts import Mode
from sandbox.detect.escape.signs import TextLevel

__all__ = ["PathRule", "ProgramRule", "ReachRule", "SeekRule", "paths", "program", "reach", "seek"]


@dataclass(frozen=True, slots=True)
class PathRule:
    """A canonical path and what is done to it. The first rule that fits decides."""

    technique: str
    level: TextLevel
    modes: frozenset[Mode]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ProgramRule:
    """A program by name, whose arguments, joined by blanks, hold all of ``needs`` and none of ``lacks``."""

    technique: str
    level: TextLevel
    names: frozenset[str]
    needs: tuple[re.Pattern[str], ...] = ()
    lacks: tuple[re.Pattern[str], ...] = ()
    pattern: re.Pattern[str] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class ReachRule:
    """A host and a port; None fits all."""

    technique: str
    level: TextLevel
    host: re.Pattern[str] | None
    ports: frozenset[int] = frozenset()
    probe: bool | None = None
    path: re.Pattern[str] | None = None
    programs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeekRule:
    """Words looked for in a file, or in what a program prints."""

    technique: str
    where: re.Pattern[str]
    pattern: re.Pattern[str]
    level: TextLevel


def seek(technique: str, where: str, pattern: str, level: TextLevel = "recon") -> SeekRule:
    """A rule on what is looked for where."""
    return SeekRule(technique, re.compile(where), re.compile(pattern, re.IGNORECASE), level)


_MODES: dict[str, Mode] = {
    "l": "look", "r": "read", "w": "write", "x": "run", "c": "connect", "e": "enter",
}  # fmt: skip


def paths(technique: str, level: TextLevel, modes: str, pattern: str) -> PathRule:
    """A rule on paths; ``modes`` are initials: l(ook) r(ead) w(rite) x(run) c(onnect) e(nter)."""
    return PathRule(
        technique, level, frozenset(_MODES[m] for m in modes), re.compile(pattern, re.VERBOSE)
    )


def program(
    technique: str, level: TextLevel, names: str, *needs: str, lacks: Collection[str] = ()
) -> ProgramRule:
    """A rule on programs; ``names`` are words, or one pattern if it begins with ``~``."""
    pattern = re.compile(names[1:], re.IGNORECASE) if names.startswith("~") else None
    return ProgramRule(
        technique,
        level,
        frozenset() if pattern else frozenset(names.split()),
        tuple(re.compile(need) for need in needs),
        tuple(re.compile(lack) for lack in lacks),
        pattern,
    )


def reach(
    technique: str,
    level: TextLevel,
    host: str | None,
    *ports: int,
    probe: bool | None = None,
    path: str | None = None,
    programs: str = "",
) -> ReachRule:
    """A rule on addresses."""
    return ReachRule(
        technique,
        level,
        None if host is None else re.compile(host),
        frozenset(ports),
        probe,
        None if path is None else re.compile(path),
        frozenset(programs.split()),
    )
