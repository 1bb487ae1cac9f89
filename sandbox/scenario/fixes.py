"""What would mend a problem: the change of the text that its remedy asks for, where only one is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sandbox.scenario.extent import extent
from sandbox.scenario.place import Problem
from sandbox.scenario.scalar import scalar

__all__ = ["Fix", "fix", "fixed"]


@dataclass(frozen=True, slots=True)
class Fix:
    """Writes ``text`` in place of what stands from ``start`` to before ``end``.

    Both are line and column, from 1, the column in characters. ``label`` says it in a few words.
    """

    label: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class _Spot:
    """The problem in the text: its line, and the key or value that begins there."""

    problem: Problem
    line: str
    start: int
    end: int
    end_of_text: tuple[int, int]

    @property
    def token(self) -> str:
        return self.line[self.start - 1 : self.end - 1]

    @property
    def before(self) -> str:
        return self.line[: self.start - 1]

    def instead(self, text: str, *, end: int | None = None) -> Fix:
        """Another text in place of the token, or of all that stands before column ``end``."""
        at = self.problem.place.line
        return Fix(f"write {_short(text)}", (at, self.start), (at, end or self.end), text)


_Mend: TypeAlias = Callable[[_Spot, "re.Match[str]"], Fix | None]


def fix(text: str, problem: Problem) -> Fix | None:
    """Find the change that mends a problem of this text; None where people have to choose."""
    lines = text.splitlines()
    if not lines or text.endswith(("\n", "\r")):
        lines.append("")
    at = problem.place.line
    if not 1 <= at <= len(lines):
        return None
    start, end = extent(lines[at - 1], problem.place.column)
    spot = _Spot(problem, lines[at - 1], start, end, (len(lines), len(lines[-1]) + 1))
    sentence = f"{problem.what}. {problem.remedy}"
    for pattern, mend in _MENDS.items():
        if found := pattern.search(sentence):
            return mend(spot, found)
    return None


def fixed(text: str, change: Fix) -> str:
    """Apply a change; every other character of the text stays, its line ends too."""
    lines = [*text.splitlines(keepends=True), ""]
    (first, start), (last, end) = change.start, change.end
    before = "".join(lines[: first - 1]) + lines[first - 1][: start - 1]
    new = change.text.replace("\n", "\r\n") if "\r\n" in text else change.text
    return before + new + lines[last - 1][end - 1 :] + "".join(lines[last:])


def _word(spot: _Spot, found: re.Match[str]) -> Fix | None:
    """The word that was meant, where the wrong one stands and not a text that only holds it."""
    token = spot.token
    plain = token[1:-1] if token[:1] in {"'", '"'} else token
    return spot.instead(found["meant"]) if plain and plain in spot.problem.what else None


def _title(spot: _Spot, _: re.Match[str]) -> Fix | None:
    if spot.token.startswith(("{", "-")):
        return None
    at = spot.problem.place.line
    return Fix("add a title", (at, 1), (at, 1), "title: Untitled\n")


def _agents(spot: _Spot, _: re.Match[str]) -> Fix | None:
    if spot.token.startswith(("{", "-")):
        return None
    cast = "agents:\n  ada: {script: [Hello?]}\n  bo: {script: [Hello.]}\n"
    at, column = spot.end_of_text
    return Fix("add two agents", (at, column), (at, column), cast if column == 1 else f"\n{cast}")


def _quoted(spot: _Spot, _: re.Match[str]) -> Fix | None:
    return spot.instead(_in_quotes(spot.token))


def _rest_quoted(spot: _Spot, _: re.Match[str]) -> Fix | None:
    """The whole text after the line's first key, in which YAML saw another key or a sign of its own."""
    found = re.match(r"(\s*(?:- +)*[\w-]+: +|\s*(?:- +)+)(.*\S)", spot.line)
    if found is None or found[2][:1] in {"'", '"', "[", "{", "|", ">"}:
        return None
    at, start = spot.problem.place.line, found.end(1) + 1
    text = _in_quotes(found[2])
    return Fix("put quotes around the text", (at, start), (at, start + len(found[2])), text)


def _number(spot: _Spot, _: re.Match[str]) -> Fix | None:
    """A number without its quotes, or without what stands between its digits."""
    plain = re.sub(r"[_ ]", "", spot.token.strip("'\""))
    value = scalar(plain)
    return spot.instead(plain) if isinstance(value, int | float) and value is not True else None


def _truth(spot: _Spot, _: re.Match[str]) -> Fix | None:
    meant = _TRUTH.get(spot.token.strip("'\"").lower())
    return None if meant is None else spot.instead(meant)


def _gone(spot: _Spot, _: re.Match[str]) -> Fix | None:
    at, column = spot.problem.place.line, spot.problem.place.column
    return Fix("remove the character", (at, column), (at, column + 1), "")


def _untagged(spot: _Spot, _: re.Match[str]) -> Fix | None:
    tag = re.match(r"!\S*\s*", spot.line[spot.start - 1 :])
    if tag is None:
        return None
    at = spot.problem.place.line
    return Fix("remove the tag", (at, spot.start), (at, spot.start + tag.end()), "")


def _spaces(spot: _Spot, _: re.Match[str]) -> Fix | None:
    indent = spot.line[: len(spot.line) - len(spot.line.lstrip())]
    if "\t" not in indent:
        return None
    at, spaces = spot.problem.place.line, indent.replace("\t", "  ")
    return Fix("indent with spaces", (at, 1), (at, len(indent) + 1), spaces)


def _moderated(spot: _Spot, found: re.Match[str]) -> Fix | None:
    short = re.fullmatch(r"\s*order: *", spot.before)
    return spot.instead(found["meant"]) if short else None


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


_TRUTH: Final = dict.fromkeys(("yes", "on", "true", "y"), "true") | dict.fromkeys(
    ("no", "off", "false", "n"), "false"
)
_MENDS: Final[Mapping[re.Pattern[str], _Mend]] = {
    re.compile(pattern): mend
    for pattern, mend in {
        r"Did you mean '(?P<meant>[^']+)'\?": _word,
        r"for example '(?P<meant>[a-z][a-z0-9-]*)'\.$": _word,
        r"Write (?P<meant>\S+/\S+) in its place": _word,
        r"^'title' is missing": _title,
        r"^'agents' is missing": _agents,
        r"must be a text, .*Put quotes around it\.$": _quoted,
        r"must be (a whole number|a number), ": _number,
        r"must be true or false, ": _truth,
        r"is read in base 8 .* Write (?P<meant>\d+),": _word,
        r"may not stand in a file": _gone,
        r"^the tag .* has no meaning": _untagged,
        r"Indent with spaces": _spaces,
        r"Put quotes around (a text with ': ' in it|the text)\.$": _rest_quoted,
        r"Write for example 'order: (?P<meant>\{.*\})'": _moderated,
    }.items()
}
"""By the sentence that people read, which the tests of the loader hold word for word: what it asks of
them is what is done for them. The first that fits decides."""
