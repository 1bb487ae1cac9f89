"""What agents wrote, set for reading: prose as prose, and what is drawn with letters letter for letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sandbox.transcript.formats.exporters.html.escape import words

__all__ = ["prose"]

_LONG: Final = 4000
"""Characters from which a text gets a box of its own that scrolls: no single one takes over the page."""
_BLANK: Final = re.compile(r"\n(?:[ \t]*\n)+")
_FENCE: Final = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_GAPS: Final = re.compile(r"\S {3,}\S")


def prose(text: str) -> str:
    """Set a text. Every character of it stays, in its order."""
    text = text.replace("\r\n", "\n").strip("\n")
    blocks = "".join(f"<p{kind}>{words(block)}</p>" for kind, block in _blocks(text))
    # A scrolling box is reached by the keyboard only if it can have the focus.
    held = ' class="text long" tabindex="0"' if len(text) > _LONG else ' class="text"'
    return f"<div{held}>{blocks}</div>"


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for fenced in _FENCE.finditer(text):
        yield from _paragraphs(text[at : fenced.start()])
        yield ' class="mono"', fenced[0]
        at = fenced.end()
    yield from _paragraphs(text[at:])


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    for paragraph in _BLANK.split(text.strip("\n")):
        if paragraph:
            yield (' class="mono"' if _is_drawn(paragraph) else ""), paragraph


def _is_drawn(paragraph: str) -> bool:
    """Whether a paragraph is art or a table: several lines, with columns or more signs than letters."""
    lines = paragraph.split("\n")
    if len(lines) < 2 or len(paragraph) > 20_000:
        return False
    marks = [letter for letter in paragraph if not letter.isspace()]
    signs = sum(not (letter.isalnum() or letter in ".,'\"!?*-") for letter in marks)
    gaps = sum(_GAPS.search(line) is not None for line in lines)
    return signs * 3 > len(marks) or gaps * 2 >= len(lines)
