"""Words put into another's mouth: lines of a text that are written as somebody else's speech."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["speaks_for"]

_LINE = re.compile(
    r"""^[ \t>*_\[("]{0,16}([A-Za-z][A-Za-z0-9-]{0,31})[ \t*_\])"]{0,16}:""", re.MULTILINE
)
"""Bounded and within one line, so that no text makes it slow."""


def speaks_for(text: str, speaker: str, names: Collection[str]) -> list[str]:
    """Name the other agents whose lines ``text`` writes, in order of appearance.

    Only a name at the head of a line before a colon counts: "bo: hello" is bo's line, "I told bo:
    hello" is not.
    """
    if ":" not in text:
        return []
    found = dict.fromkeys(match[1].lower() for match in _LINE.finditer(text))
    return [name for name in found if name in names and name != speaker]
