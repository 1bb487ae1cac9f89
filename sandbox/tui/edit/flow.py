"""Where the end of a text stands in YAML's flow style, ``{key: value, key: [item, …`` without its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

__all__ = ["FlowSpot", "Step", "flow_at"]

Step: TypeAlias = str | int

_TOKEN: Final = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")|(?P<open>'[^']*$|"[^"]*$)"""
    r"""|(?P<comment>(?:(?<=\s)|^)\#.*)|(?P<sign>[\[\]{},]|:(?=\s|$))|(?P<space>\s+)|(?P<plain>(?:[^\s\[\]{},:]|:(?=\S))+)"""
)


@dataclass(frozen=True, slots=True)
class FlowSpot:
    """As ``Spot``, below the bracket that was opened first; columns are those of the last line."""

    path: tuple[Step, ...]
    kind: Literal["open", "value", "text"]
    word: str
    start: int
    siblings: frozenset[str]


@dataclass(slots=True)
class _Frame:
    """A list or a mapping that is open."""

    bracket: str
    index: int = 0
    key: str | None = None
    keys: set[str] = field(default_factory=set)
    word: str = ""
    start: int = 0

    @property
    def step(self) -> tuple[Step, ...]:
        if self.bracket == "[":
            return (self.index,)
        return () if self.key is None else (self.key,)

    def take(self, word: str, start: int) -> None:
        """A word, or one more of a text that has several."""
        self.word, self.start = (f"{self.word} {word}", self.start) if self.word else (word, start)

    def colon(self) -> None:
        if self.bracket == "{" and self.key is None:
            self.key = self.word
            self.keys.add(self.word)
        self.word = ""

    def comma(self) -> None:
        self.index += 1
        self.key, self.word = None, ""


def flow_at(lines: Sequence[str], column: int) -> FlowSpot | None:
    """Find the spot at the end of the last line; None where every bracket is closed again.

    Args:
        lines: the text from the first bracket on.
        column: of the first line's first character, from 0.
    """
    frames: list[_Frame] = []
    inside, offset = False, column
    for line in lines:
        inside, end = False, offset + len(line)
        if frames:
            frames[-1].word = ""  # what is written on this line is what is completed
        for token in _TOKEN.finditer(line):
            at, text = offset + token.start(), token[0]
            match token.lastgroup:
                case "sign" if text in "[{":
                    frames.append(_Frame(text))
                case "sign" if text in "]}" and frames:
                    frames.pop()
                    if not frames:
                        return None
                    frames[-1].take("…", at)
                case "sign" if frames:
                    frames[-1].colon() if text == ":" else frames[-1].comma()
                case "quoted" | "open" | "plain" if frames:
                    quoted = token.lastgroup != "plain"
                    frames[-1].take(text.strip("'\"") if quoted else text, at + quoted)
                case "comment":
                    inside = True
        offset = 0
    if not frames:
        return None
    top = frames[-1]
    word, start = (top.word, top.start) if top.word else ("", end)
    path = tuple(step for frame in frames for step in frame.step)
    if inside:
        return FlowSpot(path, "text", "", end, frozenset())
    kind: Literal["open", "value"] = "value" if top.key is not None else "open"
    return FlowSpot(path, kind, word, start, frozenset(top.keys))
