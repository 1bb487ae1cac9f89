"""What people read of a run: lines of styled spans, independent of any screen.

A style is a name from the table in ``sandbox.console.styles``; the terminal and the app each give
it their own looks. The text in a span is neutral already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["MAX_TEXT", "Line", "Span", "fold", "shorten"]

MAX_TEXT: Final = 1 << 16
"""Characters shown of one text; the record has all of it."""
_FIRST: Final = 8
_LAST: Final = 3
_WIDEST: Final = 500
"""Characters shown of one line of output."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. On a screen ``head`` stands in a column of ``indent`` cells, then ``mark``, then ``body``.

    ``what`` says in a word what kind of line this is, for plain output and for filters; screens say
    it by ``mark``. ``rule`` asks for a light line up to the edge.
    """

    turn: int
    who: str
    what: str
    body: tuple[Span, ...]
    head: tuple[Span, ...] = ()
    indent: int = 0
    mark: Span | None = None
    rule: bool = False
    seq: int = 0

    @property
    def text(self) -> str:
        """The body without its styles."""
        return "".join(span.text for span in self.body)

    def plain(self) -> str:
        """Write the line for pipes and screen readers: ``[turn] who what: text``."""
        return f"[{self.turn}] {self.who} {self.what}: {self.text}".rstrip()


def shorten(text: str, limit: int) -> str:
    """Cut a text after ``limit`` characters and say how many are missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … {len(text) - limit:,} more characters"


def fold(text: str) -> list[str]:
    """Part output into lines: at most the first 8, a note of what is left out, and the last 3."""
    lines = text.rstrip("\n").split("\n")
    hidden = len(lines) - _FIRST - _LAST
    if hidden > 1:
        lines = [*lines[:_FIRST], f"… {hidden:,} more lines", *lines[-_LAST:]]
    return [shorten(line, _WIDEST) for line in lines]
