"""All that there is to say of a scenario while it is being written: each thing with its stretch of the line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.scenario.extent import extent
from sandbox.scenario.fixes import Fix, fix
from sandbox.scenario.include import Files
from sandbox.scenario.lint import lint
from sandbox.scenario.load import checked
from sandbox.scenario.place import InvalidScenario, Place, Problem
from sandbox.scenario.yaml import MAX_BYTES, decode

if TYPE_CHECKING:
    from sandbox.scenario.node import Node
    from sandbox.scenario.schema import Scenario

__all__ = ["Finding", "Findings", "findings"]

_LONGEST: Final = 2_000
"""Characters of a line in which a stretch is looked for; behind that nobody sees a mark."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A problem (``grave``) or a warning. Line and columns count from 1; ``end`` is behind the last character.

    ``file`` is that of an included file where it lies there; the line is then the first of this text.
    """

    line: int
    column: int
    end: int
    grave: bool
    what: str
    remedy: str
    fix: Fix | None = field(default=None, compare=False)
    file: str = ""

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True)
class Findings:
    """A scenario, if the text is one, and what is wrong or doubtful, in the order of the text."""

    scenario: Scenario | None
    all: tuple[Finding, ...]
    agents: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    """Names in the text, as far as it can be read."""


def findings(text: str, name: str = "scenario", path: Path | None = None) -> Findings:
    """Look at a text as ``load`` looks at a file, without an error; ``path`` is where it will lie."""
    files = Files()
    tree: Node | None = None
    try:
        if len(text) > MAX_BYTES:
            decode(bytes(MAX_BYTES + 1), name, files.problems)
        else:
            tree = files.whole(text, name, None if path is None else path.resolve())
        scenario = checked(tree, files.problems)
    except InvalidScenario as error:
        found = _told(text, name, error.problems, grave=True)
        return Findings(None, found, _names(tree, "agents"), _names(tree, "rooms"))
    assert tree is not None, "what has no tree is no scenario"
    doubts = [Problem(_place(tree, remark.place), remark.text, "") for remark in lint(scenario)]
    found = _told(text, name, doubts, grave=False)
    return Findings(scenario, found, tuple(scenario.agents), tuple(scenario.rooms))


def _names(tree: Node | None, key: str) -> tuple[str, ...]:
    node = None if tree is None else tree.get(key)
    return () if node is None else tuple(node.entries())


def _place(tree: Node, path: str) -> Place:
    """Where the last key of a path stands, or what comes nearest to it."""
    steps: list[int | str] = [int(step) if step.isdecimal() else step for step in path.split(".")]
    parent, last = tree.find(steps[:-1]), steps[-1]
    if last in {"model", "tools"} or isinstance(last, int):
        return tree.find(steps).place  # it is about the value, which may stand without its key
    return parent.keys.get(str(last), tree.find(steps).place)


def _told(
    text: str, name: str, problems: tuple[Problem, ...] | list[Problem], *, grave: bool
) -> tuple[Finding, ...]:
    lines = text.splitlines() or [""]
    found = []
    for problem in sorted(problems):
        place = problem.place
        if place.file != name:
            what = f"{place}: {problem.what}"
            found.append(Finding(1, 1, 1, grave, what, problem.remedy, file=place.file))
            continue
        line = lines[place.line - 1][:_LONGEST] if place.line <= len(lines) else ""
        start, end = extent(line, place.column)
        mended = fix(text, problem)
        found.append(Finding(place.line, start, end, grave, problem.what, problem.remedy, mended))
    return tuple(found)
