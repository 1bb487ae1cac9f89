"""Who speaks in a UniversalBackrooms log, and what looks like a header of theirs.

The writer lets its models speak in a fixed order and numbers them from 1 (``Claude 1``, ``O1 2``); its
world interface is called ``CLI`` and has no number. Models write lines of the same look into their words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from sandbox.transcript.formats.turn_order import Header, is_blank

__all__ = ["Style", "cast", "headers"]

Style: TypeAlias = Literal["hash", "colon"]

_HASH: Final = re.compile(r"### (\S.*?) ###\r?")
_COLON: Final = re.compile(r"(\S.{0,60} [1-9]\d{0,2}|CLI):\r?")
_NUMBERED: Final = re.compile(r".+ ([1-9]\d{0,2})")


def headers(lines: Sequence[str], style: Style) -> Iterator[Header]:
    """Find the lines of a file that look like headers: the right shape, behind a blank line."""
    pattern = _HASH if style == "hash" else _COLON
    hint = "### " if style == "hash" else ""
    for at, line in enumerate(lines):
        if not line.startswith(hint) or len(line) > 120 or (at and not is_blank(lines[at - 1])):
            continue
        if found := pattern.fullmatch(line):
            yield Header(at, found[1])


def cast(found: Iterable[Header], most: int | None) -> list[str]:
    """Tell the speakers from other things that headers name, in their order.

    Args:
        found: everything that looks like a header.
        most: the largest number of speakers there can be, where the file's name or head tells.
    """
    counts = Counter(header.name for header in found)  # in the order of their first appearance
    first = next(iter(counts), "")
    least = counts[first] // 2  # the order is fixed: nobody has half of another's turns
    numbered: dict[int, list[str]] = {}
    for name in counts:
        if number := _NUMBERED.fullmatch(name):
            numbered.setdefault(int(number[1]), []).append(name)

    def likely(name: str) -> tuple[int, bool]:
        return counts[name], name.rpartition(" ")[0] == first.rpartition(" ")[0]

    speakers: list[str] = []
    while most is None or len(speakers) < most:
        slot = [name for name in numbered.get(len(speakers) + 1, []) if counts[name] >= least]
        if slot:
            speakers.append(first if first in slot else max(slot, key=likely))
        elif "CLI" in counts and "CLI" not in speakers:
            speakers.append("CLI")
        else:
            break
    # A fork lets its user name the speakers: then they have no numbers.
    return speakers or [name for name in counts if 2 * counts[name] >= max(counts.values())][:most]
