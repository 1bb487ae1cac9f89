"""A scenario that lies in several files: ``include``, and texts that are taken from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from sandbox.scenario.build import MAX_EXPANDED
from sandbox.scenario.node import Node, merged
from sandbox.scenario.place import Place, Problem, shown
from sandbox.scenario.yaml import MAX_BYTES, decode, parse

__all__ = ["Files"]

MAX_DEPTH: Final = 8
"""How deep includes may lie in each other."""
MAX_FILES: Final = 64
"""How many files one scenario may be made of."""

_BEGIN: Final = "Begin with 'title: ...' and 'agents: ...'."


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is being read: its name in messages, where it lies, and who included it."""

    name: str
    path: Path | None
    above: tuple[_Source, ...] = ()

    @property
    def chain(self) -> tuple[_Source, ...]:
        return (*self.above, self)


class Files:
    """Reads a scenario and the files it names, none of them outside its folder; collects problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._root: Path | None = None
        self._files = 0
        self._size = 0

    def whole(self, text: str, name: str, path: Path | None = None) -> Node | None:
        """The tree of ``text`` with all that it includes laid under it; None if it cannot be had.

        ``path`` is where the text lies; None, and it can name no other file.
        """
        self._root = None if path is None else path.parent
        return self._tree(text, _Source(name, path))

    def _tree(self, text: str, source: _Source) -> Node | None:
        before = len(self.problems)
        node = parse(text, source.name, self.problems)
        if node is None or node.value is None:
            if len(self.problems) == before:
                self._note(Place(source.name), "the file is empty", _BEGIN)
            return None
        if not isinstance(node.value, dict):
            self._note(node.place, f"a scenario is a mapping, not {shown(node.plain())}", _BEGIN)
            return None
        if not self._fits(node.size, node.place):
            return None
        node = self._with_texts(node, source)
        return self._with_includes(node, source)

    def _with_includes(self, node: Node, source: _Source) -> Node | None:
        include = node.get("include")
        if include is None:
            return node
        if not include.items():
            self._note(include.place, "'include' must be a list of files", "Write [cast.yaml].")
            return None
        under: Node | None = None
        whole = True
        for item in include.items():
            tree = self._included(item, source)
            whole = whole and tree is not None
            if tree is not None:
                under = tree if under is None else merged(tree, under)
        if under is None or not whole:
            return None
        own = {key: value for key, value in node.entries().items() if key != "include"}
        return merged(Node(node.place, own, node.keys, node.size), under)

    def _included(self, item: Node, source: _Source) -> Node | None:
        found = self._find(item, source)
        if found is None:
            return None
        if any(found.path == above.path for above in source.chain):
            chain = " -> ".join(each.name for each in found.chain)
            self._note(item.place, f"these files include each other: {chain}", "Break the circle.")
            return None
        if len(found.above) > MAX_DEPTH:
            what = f"includes lie more than {MAX_DEPTH} deep in each other"
            self._note(item.place, what, "Include the last one directly.")
            return None
        text = self._text(found, item.place)
        return None if text is None else self._tree(text, found)

    def _with_texts(self, node: Node, source: _Source) -> Node:
        """The same tree with ``{file: ...}`` replaced by what the file says, where that may stand."""
        entries = dict(node.entries())
        if "premise" in entries:
            entries["premise"] = self._told(entries["premise"], source)
        agents = entries.get("agents")
        if agents is not None and isinstance(agents.value, dict):
            cast = {}
            for name, agent in agents.value.items():
                own = dict(agent.entries())
                for key in own.keys() & {"persona", "system"}:
                    own[key] = self._told(own[key], source)
                cast[name] = Node(agent.place, own, agent.keys) if own else agent
            entries["agents"] = Node(agents.place, cast, agents.keys)
        return Node(node.place, entries, node.keys, node.size)

    def _told(self, node: Node, source: _Source) -> Node:
        file = node.get("file")
        if file is None or len(node.entries()) > 1:
            return node
        found = self._find(file, source)
        text = None if found is None else self._text(found, file.place)
        return Node(node.place, (text or "").strip("\n"))

    def _find(self, item: Node, source: _Source) -> _Source | None:
        """The file that is named, if it lies below the scenario's folder."""
        written = item.value
        if not isinstance(written, str) or not written:
            self._note(item.place, f"a file has a name, not {shown(item.plain())}", "Write it.")
            return None
        if self._root is None or source.path is None:
            what = f"{shown(written)} cannot be found from a text that lies in no file"
            self._note(item.place, what, "Load the scenario from a file.")
            return None
        try:
            path = (source.path.parent / written).resolve()
            inside = path.is_relative_to(self._root.resolve())
            there = path.is_file()
        except (OSError, RuntimeError, ValueError):  # too long; a circle of links; a NUL
            inside, there = True, False
        pure = PurePosixPath(written)
        if not inside or pure.is_absolute() or ".." in pure.parts:
            what = f"{shown(written)} leads out of the scenario's folder"
            self._note(item.place, what, "Name a file in it, without '..'.")
            return None
        if not there:
            what = f"there is no file {shown(written)} in the scenario's folder"
            self._note(item.place, what, "Check the name.")
            return None
        return _Source(str(Path(source.name).parent / written), path, source.chain)

    def _text(self, source: _Source, place: Place) -> str | None:
        assert source.path is not None
        self._files += 1
        if self._files >= MAX_FILES:
            what = f"the scenario takes in more than {MAX_FILES} files"
            self._note(place, what, "Put some of them together.")
            return None
        try:
            with source.path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            what = f"the file cannot be read: {error.strerror}"
            self._note(Place(source.name), what, "Check its permissions.")
            return None
        if not self._fits(len(data), place):
            return None
        return decode(data, source.name, self.problems)

    def _fits(self, size: int, place: Place) -> bool:
        self._size += size
        if self._size > MAX_EXPANDED:
            what = f"with all that it takes in the scenario has more than {MAX_EXPANDED >> 20} MiB"
            self._note(place, what, "Take in less.")
        return self._size <= MAX_EXPANDED

    def _note(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, what, remedy))
