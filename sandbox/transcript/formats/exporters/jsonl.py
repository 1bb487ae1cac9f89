"""The record itself: its own lines, byte for byte, or a new chain where a part of it is told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, Final

from sandbox.transcript.codec import NO_HASH, encode
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.source import Source

__all__ = ["write"]

_SEQS: Final = ("upto", "at")
"""Members that hold the number of an event, beside ``parent`` and ``evidence``."""


def write(source: Source, out: BinaryIO) -> None:
    """Write the run's lines; a torn last line is left out."""
    if source.as_recorded:
        _copy(source, out)
        return
    previous = NO_HASH
    for event in _renumbered(source):
        line, previous = encode(event, previous)
        out.write(line)


def _copy(source: Source, out: BinaryIO) -> None:
    left = source.size
    with source.path.open("rb") as file:
        for line in file:
            left -= len(line)
            if left < 0:
                return
            out.write(line)


def _renumbered(source: Source) -> Iterator[Event]:
    """Count events from 1 again, and let what points to one follow."""
    old: list[int] = []
    for _, event in source:
        old.append(event.seq)
        data = dict(event.data)
        if len(old) == 1:
            data["exported"] = _exported(source, event)
        yield replace(
            event,
            seq=len(old),
            parent=None if event.parent is None else _now(old, event.parent),
            data=_follow(data, old),
        )


def _follow(data: dict[str, Any], old: list[int]) -> dict[str, Any]:
    for member in _SEQS:
        if isinstance(seq := data.get(member), int):
            data[member] = bisect_right(old, seq)
    evidence = data.get("evidence")
    if isinstance(evidence, list | tuple):
        seqs = [_now(old, seq) for seq in evidence if isinstance(seq, int)]
        data["evidence"] = [seq for seq in seqs if seq is not None]
    return data


def _now(old: list[int], seq: int) -> int | None:
    """The number that an event has now; None where it is not of the part."""
    at = bisect_right(old, seq)
    return at if at and old[at - 1] == seq else None


def _exported(source: Source, first: Event) -> Mapping[str, Any]:
    redacted = [] if source.redactor is None else list(source.redactor.what)
    turns = None if source.part.whole else str(source.part)
    return {"from": first.run, "redacted": redacted, "turns": turns}
