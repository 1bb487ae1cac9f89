"""How two runs differ, told in plain lines; everything in them is neutral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import takewhile
from operator import eq
from typing import Any, Final

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise
from sandbox.engine.alignment import Alignment, TurnPair
from sandbox.engine.tally import Tally
from sandbox.engine.turn_parts import Unlike

__all__ = ["around", "difference_lines"]

_WIDTH: Final = 160
"""Characters shown of a text around the place where it differs."""

_BEFORE: Final = 40
_MOST: Final = 20
"""Differences of the setup that are told one by one."""

_RELATIONS: Final = {
    "the same run": "A and B are the same run.",
    "child": "B was made from A.",
    "parent": "A was made from B.",
    "siblings": "A and B were made from the same run.",
    "one scenario": "A and B have the same title.",
    "unrelated": "A and B have nothing to do with each other, as far as they say.",
}


def difference_lines(found: Alignment) -> Iterator[str]:
    """Tell the whole of a comparison, a line at a time."""
    for name, side in zip("AB", found.sides, strict=True):
        yield f"{name}  {clause(side.run)}  {clause(side.title)}"
    yield _RELATIONS[found.relation]
    if found.setup:
        yield ""
        yield f"They were set up differently in {count(len(found.setup), 'place')}:"
        for unlike in found.setup[:_MOST]:
            yield from _unlike(clause(unlike.where), unlike)
        if len(found.setup) > _MOST:
            yield f"  … {len(found.setup) - _MOST:,} more; --json has all"
    yield ""
    yield from _parting(found)
    yield ""
    yield from _table(found.sides[0].tally, found.sides[1].tally)


def _parting(found: Alignment) -> Iterator[str]:
    common = f"{count(found.common_turns, 'turn')}, {count(found.common_events, 'event')}"
    pair = found.parting
    if pair is None:
        yield f"The same from beginning to end: {common}."
        return
    yield f"The same at the beginning: {common}."
    where = f"turn {pair.turn:,}" if pair.turn else "what comes before turn 1"
    yield f"First different in {where}{_missing(pair)}: {', '.join(dict.fromkeys(pair.what))}."
    for unlike in found.first:
        actors = " / ".join(clause(actor) for actor in dict.fromkeys(unlike.actors) if actor)
        yield from _unlike(
            f"{unlike.what}, {actors or '-'}, {clause(unlike.where)}".rstrip(", "), unlike
        )
    later = [other for other in found.turns if other.turn > pair.turn]
    if later:
        alike = sum(not other.what for other in later)
        yield f"Of the {count(len(later), 'turn')} after it, {alike:,} are the same again."


def _missing(pair: TurnPair) -> str:
    for name, seq in zip("AB", pair.seqs, strict=True):
        if seq is None:
            return f", which {name} does not have"
    return ""


def _unlike(what: str, unlike: Unlike) -> Iterator[str]:
    then, now = unlike.values
    place = ""
    if isinstance(then, str) and isinstance(now, str):
        at, then, now = around(then, now)
        place = f", from character {at + 1:,}" if "…" in {then[:1], then[-1:], now[-1:]} else ""
    seqs = " / ".join("-" if seq is None else f"{seq:,}" for seq in unlike.seqs)
    yield f"  {what}{place}" + (f" (event {seqs})" if any(unlike.seqs) else "")
    for name, value in (("A", then), ("B", now)):
        yield f"    {name}  {_value(value)}"


def _value(value: Any) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, str):
        return neutralise(value, newlines=False) or "(empty)"
    text = clause(value)
    return text if len(text) <= 2 * _WIDTH else f"{text[: 2 * _WIDTH]}…"


def around(then: str, now: str) -> tuple[int, str, str]:
    """Cut two texts to where they first differ.

    Returns:
        The index of that character, and both texts from a little before it on.
    """
    at = sum(takewhile(bool, map(eq, then, now)))
    start = max(0, at - _BEFORE)
    cut = [
        ("…" if start else "") + text[start : start + _WIDTH] + ("…" * (len(text) > start + _WIDTH))
        for text in (then, now)
    ]
    return at, cut[0], cut[1]


def _table(then: Tally, now: Tally) -> Iterator[str]:
    rows = [("", "A", "B")]
    for each in fields(Tally):
        values = (getattr(then, each.name), getattr(now, each.name))
        rows.append((each.name.replace("_", " "), _cell(values[0]), _cell(values[1])))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, a, b in rows:
        yield f"{name:<{widths[0]}}  {a:>{widths[1]}}  {b:>{widths[2]}}".rstrip()


def _cell(value: int | str | None) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else clause(value) or "-"
