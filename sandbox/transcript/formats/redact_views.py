r"""A text as it reads once its escapes are undone, with the way back to where each letter stands.

``\u0061da``, ``&#97;da`` and ``%61da`` all say *ada*; models write JSON in words, and JSON in JSON.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

__all__ = ["View", "views"]

_DEEPEST: Final = 3
"""Escapes within escapes that are undone: JSON in JSON in a URL."""

_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[\"'\\/bfnrt]"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|commat|period|sol|colon);"
    r"|(?:%[0-9a-fA-F]{2})+"
)
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class View:
    """A text, and for each place in it the place in the text that it was made from.

    ``here`` and ``there`` are the places where pieces begin: what was taken over as it stood, and
    escapes, which are longer there than here and cannot be parted.
    """

    __slots__ = ("_below", "_here", "_there", "text")

    def __init__(
        self,
        text: str,
        below: View | None = None,
        here: Sequence[int] = (),
        there: Sequence[int] = (),
    ) -> None:
        self.text = text
        self._below = below
        self._here = here
        self._there = there

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span stands in the text that everything was made from."""
        if self._below is None:
            return start, end
        return self._below.span(self._start(start), self._end(end))

    def _start(self, place: int) -> int:
        piece = bisect_right(self._here, place) - 1
        into = 0 if self._is_escape(piece) else place - self._here[piece]
        return self._there[piece] + into

    def _end(self, place: int) -> int:
        piece = bisect_right(self._here, place - 1) - 1  # the one that holds the last letter
        if self._is_escape(piece):
            return self._there[piece + 1]
        return self._there[piece] + place - self._here[piece]

    def _is_escape(self, piece: int) -> bool:
        if piece + 1 == len(self._here):
            return False
        return (
            self._here[piece + 1] - self._here[piece] != self._there[piece + 1] - self._there[piece]
        )

    def undone(self) -> View | None:
        """Undo one level of escapes; None where there is none."""
        pieces: list[str] = []
        here, there = [0], [0]
        for match in _ESCAPE.finditer(self.text):
            letters = _letters(match[0])
            plain = self.text[there[-1] : match.start()]
            for piece, end in ((plain, match.start()), (letters, match.end())):
                if piece:
                    pieces.append(piece)
                    here.append(here[-1] + len(piece))
                    there.append(end)
        if not pieces:
            return None
        pieces.append(self.text[there[-1] :])
        return View("".join(pieces), self, here, there)


def views(text: str) -> Iterator[View]:
    """Give the text, and what it reads as with one, two and three levels of escapes undone."""
    view: View | None = View(text)
    for _ in range(_DEEPEST + 1):
        if view is None:
            return
        yield view
        if not ("\\" in view.text or "&" in view.text or "%" in view.text):
            return
        view = view.undone()


def _letters(escape: str) -> str:
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[0] == "%":
        return unquote(escape, errors="replace")
    if escape[1] in "ux":
        units = [int(digits, 16) for digits in re.findall(r"\\[ux]([0-9a-fA-F]+)", escape)]
        raw = b"".join(unit.to_bytes(2, "little") for unit in units)
        return raw.decode("utf-16-le", "replace")
    return _LETTERS.get(escape[1], escape[1])
