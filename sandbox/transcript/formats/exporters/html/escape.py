"""Hostile text as HTML: it says what it said, and does nothing."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from sandbox.console.lines import shorten
from sandbox.console.neutral import neutralise

__all__ = ["attribute", "words"]

_LONGEST: Final = 1 << 18
"""Characters of one text on the page; the record has all of it."""
_JOINED: Final = re.compile("((?<=[^\x00-\u024f])[\u200c\u200d](?=[^\x00-\u024f]))")
"""Joiners within emoji and within scripts that are written with them; a browser draws these well."""


def words(text: str) -> str:
    """Write a text of many lines; controls and what reorders or hides text become visible."""
    pieces = _JOINED.split(shorten(text, _LONGEST))
    pieces[::2] = map(neutralise, pieces[::2])
    return escape("".join(pieces))


def attribute(text: str) -> str:
    """Write a text in one line, for between quotes."""
    return escape(neutralise(text, newlines=False))
