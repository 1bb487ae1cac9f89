"""Told lines as bytes, and back."""

from __future__ import annotations

import marshal
from dataclasses import replace
from typing import Final

from sandbox.console.lines import MAX_TEXT, Line, Span, shorten

__all__ = ["pack", "unpack"]

_CUT: Final = MAX_TEXT - 100
"""Characters kept of a text that is too long, beside the note that it was cut."""


def pack(line: Line) -> tuple[bytes, str, int]:
    """Write a line as bytes that this process alone reads: three times as fast as JSON.

    Returns the bytes, what a search sees of the line (what its reader sees, in lower case, without
    a NUL), and the characters of its body. What is too long to be shown is cut; the record has it.
    """
    body = [(span.text, span.style) for span in line.body]
    text = body[0][0] if len(body) == 1 else line.text
    length = len(text)
    if length > MAX_TEXT:
        return pack(replace(line, body=(Span(shorten(text, _CUT), body[0][1]),)))
    head = [(span.text, span.style) for span in line.head]
    mark = None if line.mark is None else (line.mark.text, line.mark.style)
    data = marshal.dumps(
        (line.turn, line.who, line.what, body, head, line.indent, mark, line.rule, line.seq)
    )
    if head:
        text = "".join([name for name, _ in head]) + "\x01" + text
    if "\x00" in text:
        text = text.replace("\x00", "\u2400")
    return data, text.lower(), length


def unpack(data: bytes) -> Line:
    """Read what ``pack`` wrote."""
    turn, who, what, body, head, indent, mark, rule, seq = marshal.loads(data)  # noqa: S302  # our own
    return Line(
        turn,
        who,
        what,
        tuple(Span(*span) for span in body),
        tuple(Span(*span) for span in head),
        indent,
        None if mark is None else Span(*mark),
        rule,
        seq,
    )
