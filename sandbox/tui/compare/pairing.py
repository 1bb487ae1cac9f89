"""Which turn of one run stands beside which of the other: by number, or by the time since the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sandbox.engine.turn_parts import Aspect
from sandbox.tui.compare.comparison import Comparison

__all__ = ["BY", "By", "Pair", "Part", "pairs", "shifted", "splits"]

By: TypeAlias = Literal["turn", "time"]
BY: Final[tuple[By, ...]] = ("turn", "time")


@dataclass(frozen=True, slots=True)
class Part:
    """One turn of one run: its number, and its events by index, ``last`` not included."""

    turn: int
    first: int
    last: int
    what: tuple[Aspect, ...] = ()
    """How it differs from the same turn of the other run."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands side by side; None where a run has nothing to stand there."""

    a: Part | None
    b: Part | None

    @property
    def what(self) -> tuple[Aspect, ...]:
        """How the two differ; empty where one is alone, or they are not of the same number."""
        same = self.a is not None and self.b is not None and self.a.turn == self.b.turn
        return self.a.what if same and self.a is not None else ()

    @property
    def unlike(self) -> bool:
        """Whether the two sides are not the same."""
        if self.a is None or self.b is None:
            return True
        return self.a.turn != self.b.turn or bool(self.a.what)


def pairs(found: Comparison, by: By) -> list[Pair]:
    """Set the turns of two runs side by side."""
    left, right = _parts(found, 0), _parts(found, 1)
    if by == "time":
        return _by_time(left, right, (_times(found, 0), _times(found, 1)))
    others = {part.turn: part for part in right}
    mine = {part.turn: part for part in left}
    return [Pair(mine.get(turn), others.get(turn)) for turn in sorted(mine.keys() | others.keys())]


def shifted(of: Sequence[Pair], by: int) -> list[Pair]:
    """Move the second run against the first one, up by so many turns, or down if negative."""
    left = [pair.a for pair in of if pair.a is not None]
    right = [pair.b for pair in of if pair.b is not None]
    top = max(0, -by)
    rows = range(max(len(left), len(right) - by))
    return [
        Pair(
            left[at] if at < len(left) else None,
            right[at + by] if at >= top and 0 <= at + by < len(right) else None,
        )
        for at in rows
    ]


def splits(of: Sequence[Pair]) -> list[int]:
    """Where the two runs begin to differ: the first of each stretch of pairs that are not the same."""
    return [at for at, pair in enumerate(of) if pair.unlike and (at == 0 or not of[at - 1].unlike)]


def _parts(found: Comparison, side: int) -> list[Part]:
    """The turns that a run has, each up to where the next one begins."""
    begun = [pair for pair in found.found.turns if pair.seqs[side] is not None]
    starts = [max(0, (pair.seqs[side] or 1) - 1) for pair in begun]
    if starts:
        starts[0] = 0
    ends = [*starts[1:], found.lengths[side]]
    return [
        Part(pair.turn, first, max(first, last), pair.what)
        for pair, first, last in zip(begun, starts, ends, strict=True)
    ]


def _times(found: Comparison, side: int) -> dict[int, float]:
    """Seconds from the first turn to each one, by its first index; empty where the record tells no times."""
    times: dict[int, float] = {}
    begin: float | None = None
    for seq, ts in found.numbers[side].moments.items():
        try:
            at = datetime.fromisoformat(ts).timestamp()
        except (ValueError, OverflowError):
            return {}
        begin = at if begin is None else begin
        times[seq - 1] = at - begin
    return times


def _by_time(
    left: Sequence[Part], right: Sequence[Part], times: tuple[dict[int, float], dict[int, float]]
) -> list[Pair]:
    """Pair turns that are going on at the same time; what begins and ends meanwhile stands alone."""
    of: list[Pair] = []
    a = b = 0
    while a < len(left) or b < len(right):
        if a == len(left):
            of.append(Pair(None, right[b]))
            b += 1
        elif b == len(right):
            of.append(Pair(left[a], None))
            a += 1
        else:
            began = (times[0].get(left[a].first, 0.0), times[1].get(right[b].first, 0.0))
            if _over(left, a, times[0]) <= began[1] and began[0] < began[1]:
                of.append(Pair(left[a], None))
                a += 1
            elif _over(right, b, times[1]) <= began[0] and began[1] < began[0]:
                of.append(Pair(None, right[b]))
                b += 1
            else:
                of.append(Pair(left[a], right[b]))
                a, b = a + 1, b + 1
    return of


def _over(parts: Sequence[Part], at: int, times: dict[int, float]) -> float:
    """When a turn is over: the next one begins."""
    return times.get(parts[at + 1].first, 0.0) if at + 1 < len(parts) else float("inf")
