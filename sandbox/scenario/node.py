"""A scenario file as a tree of plain values that still know where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sandbox.scenario.place import Place

__all__ = ["Node", "Scalar", "merged"]

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value. ``keys`` says where each key of a mapping stands.

    ``size`` is about the bytes it takes written out, aliases repeated.
    """

    place: Place
    value: Scalar | tuple[Node, ...] | dict[str, Node]
    keys: Mapping[str, Place] = field(default_factory=dict)
    size: int = 0

    def entries(self) -> Mapping[str, Node]:
        """The entries of a mapping; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> tuple[Node, ...]:
        """The items of a list; none of anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def texts(self) -> Iterator[tuple[str, Place]]:
        """The texts in a list, with their places."""
        for item in self.items():
            if isinstance(item.value, str):
                yield item.value, item.place

    def get(self, *path: str) -> Node | None:
        """The value under these keys, or None."""
        node: Node | None = self
        for key in path:
            node = None if node is None else node.entries().get(key)
        return node

    def text(self, *path: str) -> str | None:
        """The text under these keys, or None."""
        node = self.get(*path)
        return node.value if node is not None and isinstance(node.value, str) else None

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: Sequence[int | str]) -> Node:
        """The node at a path; steps that lead nowhere (shorthand has no inside) are passed over."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and isinstance(step, str):
                node = node.value.get(step, node)
            elif isinstance(node.value, tuple) and isinstance(step, int):
                node = node.value[step] if step < len(node.value) else node
        return node


def merged(over: Node, under: Node) -> Node:
    """Lay one mapping over another: mappings merge key by key, everything else is replaced.

    The keys of ``over`` come first, then those that only ``under`` has.
    """
    if not isinstance(over.value, dict) or not isinstance(under.value, dict):
        return over
    both = dict(over.value)
    for key, node in under.value.items():
        both[key] = merged(both[key], node) if key in both else node
    return Node(over.place, both, {**under.keys, **over.keys}, over.size + under.size)
