"""From the parser's events to nodes: aliases, merge keys, and the limits on both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.scenario.node import Node, Scalar
from sandbox.scenario.place import Place, Problem, shown
from sandbox.scenario.scalar import ambiguous, scalar

__all__ = ["MAX_DEPTH", "MAX_EXPANDED", "Builder", "Unreadable"]

MAX_EXPANDED: Final = 4 << 20
"""Bytes of a file with its aliases written out, every value counted with ``COST`` more."""
COST: Final = 20
MAX_DEPTH: Final = 50

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """Nothing more can be read of this file; the problem has been noted."""


@dataclass(slots=True)
class _Frame:
    """A list or a mapping that is still being read."""

    place: Place
    anchor: str | None
    entries: dict[str, Node] | None
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    merging: bool = False
    merges: list[Node] = field(default_factory=list)

    @property
    def wants_key(self) -> bool:
        return self.entries is not None and self.key is None and not self.merging


class Builder:
    """Builds the tree of one document, with a stack of its own so that depth costs nothing."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.place = Place(name)
        self.root: Node | None = None
        self._problems = problems
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._size = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take in one event of ruamel's parser. Raises Unreadable."""
        self.place = Place(self.place.file, event.start_mark.line + 1, event.start_mark.column + 1)
        match type(event).__name__:
            case "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    self._stop("a second document begins here", "Keep one scenario in a file.")
            case "ScalarEvent":
                self._scalar(event)
            case "AliasEvent":
                self._alias(event.anchor)
            case "SequenceStartEvent":
                self._open(event, None)
            case "MappingStartEvent":
                self._open(event, {})
            case "SequenceEndEvent" | "MappingEndEvent":
                self._close()

    def _note(self, what: str, remedy: str) -> None:
        self._problems.append(Problem(self.place, what, remedy))

    def _stop(self, what: str, remedy: str) -> None:
        self._note(what, remedy)
        raise Unreadable

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EXPANDED:
            what = f"with its aliases written out the file has more than {MAX_EXPANDED >> 20} MiB"
            self._stop(what, "Use fewer aliases ('*name').")

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            what = f"the tag {shown(str(event.tag))} has no meaning here"
            self._note(what, "Remove it; put quotes around a text.")

    def _wants_key(self) -> bool:
        return bool(self._frames) and self._frames[-1].wants_key

    def _open(self, event: Any, entries: dict[str, Node] | None) -> None:
        self._check_tag(event)
        if self._wants_key():
            self._stop("a key must be a text", "Put quotes around it, or remove the '?' before it.")
        if len(self._frames) >= MAX_DEPTH:
            self._stop(f"more than {MAX_DEPTH} levels lie inside each other", "Nest less.")
        self._frames.append(_Frame(self.place, event.anchor, entries))

    def _close(self) -> None:
        frame = self._frames.pop()
        if frame.entries is None:
            size = COST + sum(node.size for node in frame.items)
            node = Node(frame.place, tuple(frame.items), size=size)
        else:
            for under in frame.merges:
                for key, value in under.entries().items():
                    self._grow(COST)
                    frame.keys.setdefault(key, under.keys[key])
                    frame.entries.setdefault(key, value)
            size = COST + sum(len(key) + node.size for key, node in frame.entries.items())
            node = Node(frame.place, frame.entries, frame.keys, size)
        self._grow(COST)
        self._add(node, frame.anchor)

    def _scalar(self, event: Any) -> None:
        self._check_tag(event)
        text: str = event.value
        if bad := _SURROGATE.search(text):
            what = f"U+{ord(bad[0]):04X} is half a character"
            self._note(what, 'Write the whole one, for example "\\U0001F600".')
            text = "?"
        self._grow(COST + len(text))
        plain = event.style is None
        if self._wants_key():
            self._key(self._frames[-1], text, plain=plain)
            return
        if plain and ambiguous(text):
            what = f"{text} is read in base 8 by some programs"
            self._note(what, f"Write {int(text)}, or '{text}' in quotes if it is a text.")
        value: Scalar = scalar(text) if plain else text
        self._add(Node(self._value_place(text), value, size=COST + len(text)), event.anchor)

    def _value_place(self, text: str) -> Place:
        """Where a value stands; of one that was left out, its key's place and not the next line."""
        frame = self._frames[-1] if self._frames else None
        if text or frame is None or frame.key is None:
            return self.place
        return frame.keys[frame.key]

    def _key(self, frame: _Frame, text: str, *, plain: bool) -> None:
        if plain and text == "<<":
            frame.merging = True
            return
        if text in frame.keys:
            line = frame.keys[text].line
            self._note(f"the key {shown(text)} is already in line {line}", "Keep one of them.")
        else:
            frame.keys[text] = self.place
        frame.key = text

    def _alias(self, anchor: str) -> None:
        node = self._anchors.get(anchor)
        if node is None:
            what = (
                f"the alias {shown(f'*{anchor}')} stands for nothing: no such anchor ends before it"
            )
            self._stop(what, "Write the value out, or put quotes around a text.")
        elif self._wants_key():
            self._stop("a key must be a text", "Write it out in place of the alias.")
        else:
            self._grow(node.size)
            self._add(node, None)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        if frame.entries is None:
            frame.items.append(node)
        elif frame.key is not None:
            frame.entries.setdefault(frame.key, node)
            frame.key = None
        else:
            frame.merging = False
            self._merge(frame, node)

    def _merge(self, frame: _Frame, node: Node) -> None:
        under = node.items() or (node,)
        if all(isinstance(each.value, dict) for each in under):
            frame.merges.extend(under)
        else:
            remedy = "Write '<<: *name', with the anchor '&name' at a mapping."
            self._problems.append(Problem(node.place, "'<<' takes in mappings only", remedy))
