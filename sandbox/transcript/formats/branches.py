"""Ways through a tree of messages: from its root to one of its ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.transcript.formats.foreign import Oddity

__all__ = ["ends", "left_out", "way"]


def way(end: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the nodes from the root to ``end``; a circle in a damaged file is cut where it closes."""
    path: dict[str, None] = {}
    node: str | None = end
    while node is not None and node in parents and node not in path:
        path[node] = None
        node = parents[node]
    return list(path)[::-1]


def ends(parents: Mapping[str, str | None]) -> list[str]:
    """Return the nodes that nothing follows, in the order of the file."""
    followed = set(parents.values())
    return [node for node in parents if node not in followed]


def left_out(taken: Iterable[str], parents: Mapping[str, str | None]) -> list[Oddity]:
    """Say how much of the tree is not on one way through it; nothing if all is."""
    on_it = set(taken)
    others = len(parents) - len(on_it)
    if not others:
        return []
    many = len([end for end in ends(parents) if end not in on_it])
    what = f"{others} messages are on {many} other branches: --all-branches makes a run of each"
    return [Oddity(what)]
