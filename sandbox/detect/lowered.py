"""Text in lower case, letter for letter, so that patterns need not ignore case: they are twice as fast then."""

from __future__ import annotations

from typing import Final

__all__ = ["lowered"]

_MORE: Final = (("\u017f", "s"), ("\u0130", "i"), ("\u0131", "i"))
"""The letters that patterns which ignore case take for one of ASCII, and ``str.lower`` does not."""


def lowered(text: str) -> str:
    """The text in lower case; each character stays in its place."""
    if not text.isascii():
        for letter, plain in _MORE:
            text = text.replace(letter, plain)
    return text.lower()
