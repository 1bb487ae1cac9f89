"""Headers of turns in text that escapes nothing: the order of the speakers tells them from words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sandbox.transcript.formats.foreign import Oddity

__all__ = ["Header", "in_order", "is_blank"]


class Header(NamedTuple):
    """A line that looks like a header: its index in the lines, and the name in it."""

    at: int
    name: str


def is_blank(line: str) -> bool:
    """Whether nothing stands in a line but its end."""
    return line in {"", "\r"}


def in_order(found: Sequence[Header], speakers: Sequence[str]) -> tuple[list[Header], list[Oddity]]:
    """Keep the headers that begin a turn.

    A header out of turn is taken as somebody's words if the order then goes on as it should, and as
    a turn otherwise; both are oddities.
    """
    named = [header for header in found if header.name in speakers]
    kept: list[Header] = []
    oddities: list[Oddity] = []
    due = 0
    for index, header in enumerate(named):
        place = speakers.index(header.name)
        if place != due:
            after = named[index + 1].name if index + 1 < len(named) else None
            line = header.at + 1
            goes_on = after == speakers[due]
            if goes_on and after != speakers[(place + 1) % len(speakers)]:
                what = f"a header of '{header.name}' out of turn: taken as words of the one before"
                oddities.append(Oddity(what, line))
                continue
            what = f"'{header.name}' speaks out of turn, or the header is somebody's words"
            oddities.append(Oddity(what, line))
        kept.append(header)
        due = (place + 1) % len(speakers)
    return kept, oddities
