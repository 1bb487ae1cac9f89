"""From a file to a scenario, or to everything that is wrong with it, at once."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.scenario.include import Files
from sandbox.scenario.place import MOST, InvalidScenario, Place, Problem
from sandbox.scenario.yaml import MAX_BYTES, decode

if TYPE_CHECKING:
    from sandbox.scenario.node import Node
    from sandbox.scenario.schema import Scenario

__all__ = ["checked", "load", "loads"]


def load(path: str | Path, *, limit: int = MAX_BYTES) -> Scenario:
    """Read a scenario from a file, with what it includes.

    Args:
        path: the file; messages name it as it is written here.
        limit: bytes of the longest file that is read.

    Raises:
        InvalidScenario: it cannot be read or is wrong. Every problem is named with its place.
    """
    name, files = str(path), Files()
    try:
        with Path(path).open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        what, remedy = "there is no such file", "Check the name and the folder."
        raise InvalidScenario([Problem(Place(name), what, remedy)]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        what, remedy = f"the file cannot be read: {why}", "Check the name and its permissions."
        raise InvalidScenario([Problem(Place(name), what, remedy)]) from None
    text = decode(data, name, files.problems, limit=limit)
    tree = None if text is None else files.whole(text, name, Path(path).resolve())
    return checked(tree, files.problems)


def loads(text: str, name: str = "scenario") -> Scenario:
    """Read a scenario from a text, which can include nothing; ``name`` is its name in messages.

    Raises:
        InvalidScenario: the text is wrong. Every problem is named with its place.
    """
    files = Files()
    if len(text) > MAX_BYTES:
        decode(bytes(MAX_BYTES + 1), name, files.problems)
        raise InvalidScenario(files.problems)
    return checked(files.whole(text, name), files.problems)


def checked(tree: Node | None, problems: list[Problem]) -> Scenario:
    """Check a tree that was read with these problems; None is one that could not be read at all.

    Raises:
        InvalidScenario: there are problems, these or others.
    """
    if tree is None:
        raise InvalidScenario(problems)
    from sandbox.scenario.agree import disagreements
    from sandbox.scenario.explain import validated  # heavy: pydantic and the schema come with it

    scenario, wrong = validated(tree)
    found = problems
    for more in (wrong, islice(disagreements(tree), MOST + 1)):
        told = {problem.place for problem in found}  # the first problem of a place has the others
        found = [*found, *(problem for problem in more if problem.place not in told)]
    if scenario is None or found:
        raise InvalidScenario(found)
    return scenario
