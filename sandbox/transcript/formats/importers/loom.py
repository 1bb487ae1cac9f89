"""Loom trees: socketteer's loom, loomsidian, clooi.

They hold a ``root`` with ``children``, ``nodes`` with ``parentId``, ``messages`` with ``parentMessageId``;
other programs' trees are read as far as they have nodes that tell their parents.
A way from the root to a node is one text, each node a part of it. The run is the way to the node that
was selected, or to the last that was marked canonical.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.transcript.formats.branches import ends, left_out, way
from sandbox.transcript.formats.fields import kept, mapping, mappings, of_unix, sequence, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "loom"
ABOUT: Final = "Loom trees: pyloom, loomsidian, exported conversations of clooi"

_PARENT: Final = ("parentId", "parent_id", "parentNodeId", "parent")
_CHOSEN: Final = (
    "current",
    "selected_node_id",
    "selectedNodeId",
    "currentNodeId",
    "current_node_id",
    "activeNodeId",
)
_HUMAN: Final = "prompt"
_MODEL: Final = "model"
_UNKNOWN: Final = "text"
"""Who wrote a node: a person, a model, or nobody says."""


@dataclass(slots=True)
class _Tree:
    """Nodes by id in the order of the file, what each follows, and the one that is chosen."""

    title: str
    nodes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    chosen: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def looks(source: Source) -> float:
    """Tell by the members of a node, at the head or, for a tree with long settings, at the end."""
    if not is_json(source):
        return 0.0
    head = source.data[:20_000]
    if b'"root"' in head and b'"children"' in head and b'"text"' in head:
        return 0.85
    if b'"parentMessageId"' in source.data and b'"messages"' in source.data:
        return 0.9
    if b'"nodes"' not in source.data:
        return 0.0
    if b'"parentId"' in source.data and b'"text"' in source.data:
        return 0.9
    mark = any(b'"%b"' % key.encode() in source.data for key in _PARENT)
    return 0.45 if mark and b'"children"' in source.data and b'"text"' in source.data else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the chosen way of each tree, or every way.

    Raises:
        Unreadable: no tree in it.
    """
    whole = mapping(document(source))
    trees = list(_trees(whole, source.name.rpartition("/")[2].rpartition(".")[0] or "loom"))
    runs = [run for tree in trees if tree.nodes for run in _runs(tree, every=source.all_branches)]
    if not runs:
        raise unreadable(
            source, "no 'root' with 'children', no 'nodes' and no replies", "It is no Loom tree"
        )
    return runs


def _trees(whole: Mapping[str, Any], title: str) -> Iterator[_Tree]:
    if isinstance(whole.get("root"), dict):
        yield _nested(whole, title)
    elif isinstance(whole.get("nodes"), dict | list):
        yield _flat(whole, title)
    elif isinstance(whole.get("messages"), list):
        yield _replies(whole, whole, title)
    elif isinstance((conversation := mapping(whole.get("conversation"))).get("messages"), list):
        yield _replies(conversation, whole, title)
    else:  # what the plugin itself keeps: a state for each note
        states = mapping(whole.get("state")) or whole
        for note, state in states.items():
            if isinstance(mapping(state).get("nodes"), dict | list):
                yield _flat(state, note)


def _nested(whole: Mapping[str, Any], title: str) -> _Tree:
    tree = _Tree(title)
    waiting: list[tuple[Mapping[str, Any], str | None]] = [(whole["root"], None)]
    while waiting:
        node, parent = waiting.pop()
        name = string(node, "id") or f"node-{len(tree.nodes) + 1}"
        while name in tree.nodes:
            name += "'"
        tree.nodes[name], tree.parents[name] = node, parent
        waiting += [(child, name) for child in reversed(mappings(node.get("children")))]
    canonical = [c for c in sequence(whole.get("canonical")) if c in tree.nodes]
    selected = string(whole, "selected_node_id")
    tree.chosen = canonical[-1] if canonical else selected if selected in tree.nodes else None
    tree.more = kept(whole, "memories", "summaries", "generation_settings", "chapters")
    return tree


def _flat(state: Mapping[str, Any], title: str) -> _Tree:
    tree = _Tree(title)
    held = state["nodes"]
    named = held.items() if isinstance(held, dict) else ((n.get("id"), n) for n in mappings(held))
    for name, node in named:
        if isinstance(node, dict) and isinstance(name, str):
            tree.nodes[name] = _plain(node)
            tree.parents[name] = string(node, *_PARENT)
    if not any(isinstance(node.get("text"), str) for node in tree.nodes.values()):
        tree.nodes.clear()  # a graph of something else
    current = string(state, *_CHOSEN)
    tree.chosen = current if current in tree.nodes else None
    tree.more = kept(state, "hoisted", *_CHOSEN)
    return tree


def _plain(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node with its words, role and model where loomsidian has them, whatever program wrote it."""
    if isinstance(node.get("text"), str):
        model = string(mapping(node.get("metadata")), "model")
        return {"generation": {"model": model}, **node} if model else node
    message = mapping(node.get("message"))
    return {
        **node,
        "text": string(node, "content") or string(message, "content"),
        "role": string(node, "role") or string(message, "role"),
    }


def _replies(conversation: Mapping[str, Any], saved: Mapping[str, Any], title: str) -> _Tree:
    """Read clooi's: where a saved state stood, else the last message that was added, ends the way."""
    tree = _Tree(string(saved, "name") or title)
    for message in mappings(conversation.get("messages")):
        if name := string(message, "id"):
            text = string(message, "message", "text", "content")
            tree.nodes[name] = {**message, "text": text}
            tree.parents[name] = string(message, "parentMessageId")
            tree.chosen = name
    stood = string(mapping(saved.get("conversationData")), "parentMessageId")
    tree.chosen = stood if stood in tree.nodes else tree.chosen
    tree.more = {
        **kept(saved, "id", "conversationId", "summary", "savedAt"),
        **kept(conversation, "createdAt", "clientOptions"),
    }
    return tree


def _runs(tree: _Tree, *, every: bool) -> Iterator[Foreign]:
    if every:
        for end in ends(tree.parents) or list(tree.nodes)[-1:]:
            yield _run(tree, way(end, tree.parents), [])
        return
    path = way(tree.chosen, tree.parents) if tree.chosen else []
    odd: list[Oddity] = []
    if not any(string(tree.nodes[name], "text") for name in path):
        longest = max((way(end, tree.parents) for end in ends(tree.parents)), key=len, default=[])
        path = longest or list(tree.nodes)[-1:]
        odd = [Oddity("no text on the way to a chosen node: the longest way is taken")]
    yield _run(tree, path, [*odd, *left_out(path, tree.parents)])


def _run(tree: _Tree, path: list[str], oddities: list[Oddity]) -> Foreign:
    parties = Parties()
    entries = []
    for name in path:
        node = tree.nodes[name]
        text = string(node, "text")
        if text is None:
            continue  # a root or a fork without words of its own
        meta, generation = mapping(node.get("meta")), mapping(node.get("generation"))
        generated = bool(generation) or meta.get("source") == "AI"
        who = _MODEL if generated else _HUMAN if meta.get("source") == "prompt" else _UNKNOWN
        if role := string(node, "role"):
            who = role
        parties.add(who, model=string(generation, "model") if generated else None)
        more = {
            "node": name,
            **kept(node, "tags", "bookmark", "bookmarked", "memory", "meta", "type", "details"),
        }
        visited = node.get("lastVisited")
        seconds = visited / 1000 if isinstance(visited, int | float) else None
        more |= {"last_visited": at} if (at := of_unix(seconds)) else {}
        entries.append(Entry("say", who, text, more=more))
    more = {**tree.more, "end_node": path[-1] if path else None}
    return Foreign(NAME, tree.title, parties.all(), entries, more=more, oddities=oddities)
