"""A scenario that lies in several files: ``include`` and texts taken from a file."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from sandbox.scenario.node import Node, merged
from sandbox.scenario.place import Place, Problem, shown
from sandbox.scenario.yaml import MAX_BYTES, decode, parse

__all__ = ["Files"]

MAX_DEPTH: Final = 8
"""How deep includes may lie in each other."""
MAX_FILES: Final = 64
"""Files that one scenario may be made of."""

_TOLD: Final = ("premise", "persona", "system")
"""Keys whose text may lie in a file; the first one is the scenario's, the others are an agent's."""


class Files:
    """Reads a scenario and what it names, nothing outside its folder; problems are collected.

    ``folder`` is None where there is only a text and no file can be named.
    """

    def __init__(self, folder: Path | None) -> None:
        self.problems: list[Problem] = []
        self._folder = folder
        self._read = 0

    def whole(self, text: str, name: str) -> Node | None:
        """The tree of a text with everything it includes laid under it; None if it cannot be had."""
        return self._whole(text, name, self._folder, ())

    def _whole(
        self, text: str, name: str, folder: Path | None, chain: tuple[tuple[Path, str], ...]
    ) -> Node | None:
        node = parse(text, name, self.problems)
        if node is None:
            if not self.problems:
                self._note(Place(name), "the file is empty", _BEGIN)
            return None
        if node.value is None:
            self._note(node.place, "the file is empty", _BEGIN)
            return None
        if not isinstance(node.value, dict):
            self._note(node.place, f"a scenario is a mapping, not {shown(node.plain())}", _BEGIN)
            return None
        node = self._with_texts(node, folder)
        include = node.get("include")
        if include is None:
            return node
        rest = {key: value for key, value in node.value.items() if key != "include"} \
            if isinstance(node.value, dict) else {}
        node = Node(node.place, rest, node.keys, node.size)
        return self._laid_under(node, include, folder, chain)

    def _laid_under(self, node: Node, include: Node, folder: Path | None, chain: tuple[tuple[Path, str], ...]) -> Node | None:
        ...

    def _note(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, what, remedy))


_BEGIN: Final = "Begin with 'title: ...' and 'agents: ...'."
