"""Where the cursor stands in a scenario that is being written, and so may be no YAML at this moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from sandbox.tui.edit.flow import Step, flow_at

__all__ = ["Spot", "spot_at"]

_QUOTED: Final = r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\""""
_KEY: Final = re.compile(
    rf"""({_QUOTED}|[^\s\[\]{{}},#&*!|>'"%@`:-][^#:\[\]{{}},]*?)\s*:(?=\s|$)\s*"""
)
_ITEM: Final = re.compile(r"-(?=\s|$)\s*")
_COMMENT: Final = re.compile(r"(?:^|\s)#")
_LONGEST: Final = 10_000
"""Characters of a line that are looked at."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What may be written at the cursor.

    ``path`` leads to the value there. ``kind`` is ``value`` behind a key; ``open`` where a key of the
    mapping at ``path`` may begin, or a value if no mapping is wanted; ``text`` inside of a comment or of
    a text of several lines. ``word`` is what was typed before the cursor, from column ``start`` on (from 0).
    """

    path: tuple[Step, ...]
    kind: Literal["open", "value", "text"]
    word: str = ""
    start: int = 0
    siblings: frozenset[str] = frozenset()
    """Keys that the mapping has already."""
    flow: bool = False


@dataclass(slots=True)
class _Level:
    """A key, or an item (its ``key`` is a number), and the column where it begins."""

    column: int
    key: Step
    rest: str = ""
    siblings: set[str] = field(default_factory=set)


def spot_at(lines: Sequence[str], row: int, column: int) -> Spot:
    """Find the spot of a cursor, row and column from 0; costs as much as there are lines above."""
    reader = _Reader()
    for number in range(row):
        reader.take(lines[number][:_LONGEST])
    before = lines[row][: min(column, _LONGEST)]
    spot = reader.spot(before)
    if spot.kind == "open" and not spot.flow:
        below = _below(lines, row, len(before) - len(before.lstrip(" ")))
        spot = Spot(spot.path, spot.kind, spot.word, spot.start, spot.siblings | below)
    return spot


class _Reader:
    """Reads lines of YAML for their indentation, and keeps the keys and items that lead to here."""

    def __init__(self) -> None:
        self._stack: list[_Level] = []
        self._text: int | None = None
        """The column of the key whose text of several lines goes on here."""
        self._flow: list[str] = []
        """Lines of a bracket that is still open, from it on, and where it began."""
        self._flow_column = 0

    def take(self, line: str) -> None:
        """Read one whole line."""
        if self._flow:
            self._flow.append(line)
            if flow_at(self._flow, self._flow_column) is None:
                self._flow = []
            return
        if self._skips(line):
            return
        rest, at = self._enter(line)
        if rest.startswith(("|", ">")) and self._stack:
            self._text = self._stack[-1].column
        elif rest.startswith(("{", "[")) and flow_at([rest], at) is not None:
            self._flow, self._flow_column = [rest], at

    def spot(self, before: str) -> Spot:
        """The spot at the end of the line that is being written."""
        if self._flow:
            return self._in_flow([*self._flow, before], self._flow_column)
        indent = len(before) - len(before.lstrip(" "))
        if self._text is not None and indent > self._text:
            return Spot(self._path, "text")
        if self._commented(before):
            return Spot((), "text")
        depth = len(_parts(before)[0])
        rest, at = self._enter(before)
        if rest.startswith(("{", "[")):
            return self._in_flow([rest], at)
        top = self._stack[-1] if self._stack else None
        if rest.startswith(("|", ">")) or (depth == 0 and top is not None and top.rest):
            return Spot(self._path, "text")
        quoted = rest[:1] in {"'", '"'}
        word, start = (rest[1:], at + 1) if quoted else (rest, at)
        if depth and top is not None and isinstance(top.key, str):
            return Spot(self._path, "value", word, start)
        return Spot(self._path, "open", word, start, frozenset(self._last))

    @property
    def _path(self) -> tuple[Step, ...]:
        return tuple(level.key for level in self._stack)

    def _in_flow(self, text: Sequence[str], column: int) -> Spot:
        found = flow_at(text, column)
        if found is None:
            return Spot(self._path, "text")
        path = (*self._path, *found.path)
        return Spot(path, found.kind, found.word, found.start, found.siblings, flow=True)

    def _skips(self, line: str) -> bool:
        """Whether a line is blank, a comment, or goes on with a text."""
        bare = line.lstrip(" ")
        if not bare:
            return True
        if self._text is not None:
            if len(line) - len(bare) > self._text:
                return True
            self._text = None
        return bare.startswith("#")

    @staticmethod
    def _commented(before: str) -> bool:
        bare = re.sub(_QUOTED, lambda found: "x" * len(found[0]), before)
        return _COMMENT.search(bare) is not None

    def _enter(self, line: str) -> tuple[str, int]:
        """Go where a line's dashes and key lead; gives what stands behind them, and its column."""
        levels, rest = _parts(line)
        at = len(line) - len(rest)
        self._last: set[str] = set()
        if not levels:
            self._leave(at)
        for level in levels:
            if isinstance(level.key, int):
                level.key = self._next_item(level.column)
            else:
                self._leave(level.column)
                level.siblings = self._last
                level.siblings.add(level.key)
                self._last = set()
            self._stack.append(level)
        if levels:
            levels[-1].rest = rest
        return rest, at

    def _leave(self, column: int) -> None:
        """Leave everything that does not lie around a key in this column."""
        while self._stack and self._stack[-1].column >= column:
            level = self._stack.pop()
            if level.column == column and isinstance(level.key, str):
                self._last = level.siblings

    def _next_item(self, column: int) -> int:
        """Leave what lies in the list's last item; gives the number of the next."""
        while self._stack and self._stack[-1].column > column:
            self._stack.pop()
        before = self._stack[-1] if self._stack else None
        if before is not None and before.column == column and isinstance(before.key, int):
            self._stack.pop()
            return before.key + 1
        return 0


def _parts(line: str) -> tuple[list[_Level], str]:
    """The dashes and the key that a line begins with, and what stands behind them."""
    at = len(line) - len(line.lstrip(" "))
    levels = []
    while found := _ITEM.match(line, at):
        levels.append(_Level(at, 0))
        at = found.end()
    if found := _KEY.match(line, at):
        levels.append(_Level(at, found[1].strip("'\"")))
        at = found.end()
    return levels, line[at:]


def _below(lines: Sequence[str], row: int, column: int) -> set[str]:
    """The keys that the mapping has below the cursor."""
    keys = set()
    for number in range(row + 1, len(lines)):
        line = lines[number][:_LONGEST]
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip() or indent > column:
            continue
        found = _KEY.match(line, indent)
        if indent < column or found is None:
            break
        keys.add(found[1].strip("'\""))
    return keys
