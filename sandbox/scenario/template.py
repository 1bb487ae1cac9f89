"""Beginnings for a new scenario: short files that run as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from sandbox.errors import UsageError
from sandbox.scenario.place import shown
from sandbox.scenario.suggest import remedy

__all__ = ["Template", "file_name", "template", "templates"]


@dataclass(frozen=True, slots=True)
class Template:
    """One beginning; ``about`` is the first line of its text, which is a comment."""

    name: str
    text: str

    @property
    def about(self) -> str:
        """What it is for, in a sentence or two."""
        return self.text.partition("\n")[0].removeprefix("# ")


def templates() -> list[Template]:
    """Every template, the shortest first."""
    folder = files("sandbox.scenario").joinpath("templates")
    found = [
        Template(entry.name.removesuffix(".yaml"), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    ]
    return sorted(found, key=lambda each: (len(each.text), each.name))


def template(name: str) -> Template:
    """The template of a name.

    Raises:
        UsageError: there is none; the nearest is named.
    """
    known = {each.name: each for each in templates()}
    if name not in known:
        raise UsageError(f"there is no template {shown(name)}. {remedy(name, known, 'There are')}")
    return known[name]


def file_name(title: str) -> str:
    """The name of a file for a scenario of this title: lower case, with dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:48].rstrip("-")
    return f"{slug or 'untitled'}.yaml"
