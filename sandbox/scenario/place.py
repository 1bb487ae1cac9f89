"""Where something stands in a file, what is wrong there, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sandbox.errors import ScenarioError

__all__ = ["MOST", "InvalidScenario", "Place", "Problem", "kind_of", "printable", "shown"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1, the column in characters."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: ``what`` names the value, ``remedy`` is a sentence of advice."""

    place: Place
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}. {self.remedy}"


MOST: Final = 100
"""Problems of one file that are looked for and told; nobody reads more at once."""


class InvalidScenario(ScenarioError):
    """A scenario with problems, in the order of their places; the message is one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(problems)
        self.problems = tuple(found[:MOST])
        lines = [str(problem) for problem in self.problems]
        if len(found) > MOST:
            lines.append(f"There may be more: these are the first {MOST}.")
        super().__init__("\n".join(lines))


def kind_of(value: object) -> str | None:
    """Say 'a mapping', 'a list' or 'empty' of a value that has no short form, else None."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "empty" if value is None else None


def printable(text: str) -> str:
    """Escape what would not be printed as itself."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def shown(value: object) -> str:
    """Write a value as it may stand in a message: on one line, printable, at most 60 characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = kind_of(value) or (repr(value[:61]) if isinstance(value, str) else repr(value))
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"
