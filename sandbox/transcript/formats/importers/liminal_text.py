"""The plain text of a liminal_backrooms window.

Since spring 2025 a model's words follow ``AI-1 (Model)`` on a line of its own, and neither the user nor
the program has a header. Before, they followed ``AI-1 (model):``, and the user's ``You: ``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sandbox.transcript.formats.foreign import Entry, Oddity
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import lines as lines_of
from sandbox.transcript.formats.turn_order import is_blank

__all__ = ["HEADER", "spoken"]

HEADER: Final = re.compile(r"(AI-[1-9]\d?) \(([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)(:?)\r?$")
_SHORT: Final = re.compile(r"(AI-[1-9]\d?) \(([^()\n]*)\): (.+)")
_YOU: Final = "You: "
_HOUSE_SAYS: Final = re.compile(
    r"\(\d+ turns remaining\)|🕳️ Conversation paused\..*|Conversation exported to: .*"
    r"|\[ Neural interface initialized\..*|Fertilize the backroom with an idea.*"
    r"|Error (?:during processing|loading image|creating branch|creating fork|exporting conversation): .*"
    r"|=== .* ==="
)


def spoken(
    whole: str, parties: Parties, oddities: list[Oddity], *, user: str, house: str
) -> Iterator[Entry]:
    """Yield what was said, in order; ``parties`` and ``oddities`` are added to."""
    lines = lines_of(whole)
    old = any((found := HEADER.match(line)) and found[3] for line in lines)
    marks = [at for at in range(len(lines)) if _begins(lines, at, old=old)]
    behind = [*marks[1:], len(lines)] if marks else []
    if marks and (before := _words(lines, 0, marks[0], old=old)):
        yield Entry("operator", user, before, line=1)
    if not old and marks:
        what = (
            "only models have headers in this form: others' words stand in those of the one before"
        )
        oddities.append(Oddity(what))
    for at, end in zip(marks, behind, strict=True):
        line = lines[at]
        if found := HEADER.match(line):
            who = parties.add(found[1], model=found[2] or None)
            first = at + 1 + (old and at + 1 < end and is_blank(lines[at + 1]))
            yield Entry("say", who, _words(lines, first, end, old=old), line=at + 1)
        elif found := _SHORT.match(line):
            parties.add(found[1], model=found[2] or None)
            words = _words([found[3], *lines[at + 1 : end]], 0, end - at, old=old)
            yield Entry("note", house, f"{found[1]}: {words}", line=at + 1)
        elif line.startswith(_YOU):
            words = _words([line[len(_YOU) :], *lines[at + 1 : end]], 0, end - at, old=old)
            yield Entry("operator", user, words, line=at + 1)
        else:
            yield Entry("note", house, _words(lines, at, end, old=old), line=at + 1)


def _begins(lines: Sequence[str], at: int, *, old: bool) -> bool:
    """Whether a line begins something: in the older form only behind a blank one."""
    line = lines[at]
    header = HEADER.match(line)
    if not old:
        return header is not None
    if at and not is_blank(lines[at - 1]):
        return False
    return bool(
        (header and header[3])
        or line.startswith(_YOU)
        or _SHORT.match(line)
        or _HOUSE_SAYS.fullmatch(line.rstrip("\r"))
    )


def _words(lines: Sequence[str], first: int, end: int, *, old: bool) -> str:
    """The lines of one message, without the blank line that the program writes before the next."""
    last = end >= len(lines)
    if (old or last) and end > first and is_blank(lines[end - 1]):
        end -= 1
    return "\n".join(lines[first:end])
