"""Arc (animachat): an exported conversation, its messages with branches.

The run is the way that its user last saw: from the root with the latest message along active branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.transcript.formats.branches import ends, left_out, way
from sandbox.transcript.formats.fields import kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "arc"
ABOUT: Final = "Arc (animachat): exported conversations"

_BRANCH: Final = (
    "hiddenFromAi", "privateToUserId", "bookmark", "creationSource", "postHocOperation",
    "attachments", "prefixHistory", "sentByUserId",
)  # fmt: skip
"""What is kept of a branch besides its words."""


_BRANCHES: Final = re.compile(rb'"branches"\s*:\s*\[\s*\{[^\]]{0,4000}"(?:role|content)"\s*:')


@dataclass(slots=True)
class _Tree:
    """Branches by id in the order of the file, what each follows, and which are active."""

    branches: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    active: set[str] = field(default_factory=set)


def looks(source: Source) -> float:
    """Tell by the members of a message and of a branch."""
    head = source.data[:200_000]
    if not is_json(source) or not _BRANCHES.search(head):
        return 0.0
    return 0.95 if b'"activeBranchId"' in head else 0.3


def read(source: Source) -> list[Foreign]:
    """Read the way that was last seen, or every way.

    Raises:
        Unreadable: no messages with branches in it.
    """
    raw = document(source)
    whole = mapping(raw)
    messages = mappings(raw) or mappings(whole.get("messages")) or mappings([whole.get("message")])
    tree = _tree(messages)
    if not tree.branches:
        raise unreadable(source, "no 'messages' with 'branches'", "It is no export of Arc")
    if source.all_branches:
        paths = [way(end, tree.parents) for end in ends(tree.parents)]
        return [_run(whole, tree, path, []) for path in paths]
    path = _seen(tree)
    return [_run(whole, tree, path, left_out(path, tree.parents))]


def _tree(messages: list[Mapping[str, Any]]) -> _Tree:
    tree = _Tree()
    for message in messages:
        branches = mappings(message.get("branches"))
        for branch in branches:
            name = string(branch, "id") or f"branch-{len(tree.branches) + 1}"
            parent = string(branch, "parentBranchId")
            tree.branches[name] = {"order": message.get("order"), **branch}
            tree.parents[name] = None if parent == "root" else parent
        active = string(message, "activeBranchId") or (
            string(branches[0], "id") if branches else None
        )
        if active:
            tree.active.add(active)
    return tree


def _seen(tree: _Tree) -> list[str]:
    """The way along active branches that ends in the latest of them."""
    ways = []
    followed = {tree.parents[name] for name in tree.active if name in tree.parents}
    for place, name in enumerate(tree.branches):
        if name in tree.active and name not in followed:
            path = way(name, tree.parents)
            # A way off the active branches was not on the screen, whatever its age.
            on_screen = all(node in tree.active for node in path)
            ways.append((on_screen, string(tree.branches[name], "createdAt") or "", place, path))
    return max(ways)[3] if ways else way(list(tree.branches)[-1], tree.parents)


def _run(whole: Mapping[str, Any], tree: _Tree, path: list[str], oddities: list[Oddity]) -> Foreign:
    conversation = mapping(whole.get("conversation"))
    people = {string(p, "id"): p for p in mappings(whole.get("participants"))}
    parties = Parties()
    for participant in people.values():
        if name := string(participant, "name"):
            parties.add(
                name,
                model=string(participant, "model"),
                system=string(participant, "systemPrompt"),
                human=participant.get("type") == "user",
            )
    missing = tree.parents[path[0]] if path else None
    if missing is not None:
        oddities = [*oddities, Oddity("the first message follows one that is not in the file")]
    entries = [
        entry for name in path for entry in _entries(name, tree.branches[name], people, parties)
    ]
    return Foreign(
        format=NAME,
        title=string(conversation, "title") or "arc conversation",
        parties=parties.all(),
        entries=entries,
        started=moment(conversation.get("createdAt")),
        more={
            **kept(conversation, "id", "model", "systemPrompt", "format", "settings"),
            **kept(whole, "version", "exportedAt"),
        },
        oddities=oddities,
    )


def _entries(
    name: str,
    branch: Mapping[str, Any],
    people: Mapping[str | None, Mapping[str, Any]],
    parties: Parties,
) -> Iterator[Entry]:
    """One branch: its reasoning, then its words."""
    role = string(branch, "role") or "user"
    participant = people.get(string(branch, "participantId"), {})
    who = string(branch, "participantName") or string(participant, "name") or role.capitalize()
    at = moment(branch.get("createdAt"))
    more = {"branch": name, **kept(branch, *_BRANCH)}
    if role == "system":
        yield Entry("note", who, string(branch, "content") or "", at=at, more=more)
        return
    parties.add(who, model=string(branch, "model"), human=role == "user")
    blocks = mappings(branch.get("contentBlocks"))
    for block in blocks:
        if block.get("type") in {"thinking", "redacted_thinking"}:
            thought = string(block, "thinking", "data", "text") or ""
            yield Entry("thought", who, thought, at=at, more=kept(block, "type"))
    others = [b for b in blocks if b.get("type") not in {"text", "thinking", "redacted_thinking"}]
    more |= {"blocks": others} if others else {}
    words = string(branch, "content")
    if words is None:
        texts = [b["text"] for b in blocks if isinstance(b.get("text"), str)]
        words = "\n".join(texts)
    private = "privateToUserId" in more
    yield Entry("whisper" if private else "say", who, words, at=at, more=more)
