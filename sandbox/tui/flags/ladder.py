"""The ladder of an escape drawn in one row: which rungs were climbed, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sandbox.console.lines import Span
from sandbox.detect.folding import FlagRow
from sandbox.detect.levels import LEVELS, at_least

__all__ = ["climbed", "ladder"]

_RUNGS: Final = ("claimed", "recon", "attempted", "denied", "contacted", "achieved")
_SIDES: Final = ("broken", "tampered")


def ladder(level: str) -> list[Span]:
    """Draw where a flag stands; what has no level, or one of its own, stands beside the ladder."""
    if level in _SIDES:
        return [Span("beside the ladder  ", "note"), Span(f" {level} ", "flag")]
    if level not in LEVELS or level == "contact":
        return []
    spans: list[Span] = []
    top = level.partition(".")[0]
    for rung in _RUNGS:
        if spans:
            spans.append(Span(" ", "note"))
        if rung == top:
            spans.append(Span(f" {level} ", "flag"))
        else:
            below = at_least(level, rung)
            spans.append(Span(rung, "warning" if below else "note"))
    return spans


def climbed(one: FlagRow, rows: Iterable[FlagRow]) -> list[FlagRow]:
    """The flags by which the same agent rose with the same technique, in order; only itself if it has none."""
    if not one.technique:
        return [one]
    same = (one.agent, one.technique)
    return [each for each in rows if (each.agent, each.technique) == same] or [one]
