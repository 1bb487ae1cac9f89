"""Which run was forked from which: read from the first line of each record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.errors import Damaged
from sandbox.transcript.reader import read
from sandbox.transcript.runs import RunInfo, list_runs

__all__ = ["Member", "families"]


@dataclass(slots=True)
class Member:
    """One run of a family. ``info`` is None where it is not in the folder: only its forks name it."""

    id: str
    info: RunInfo | None = None
    forked: Mapping[str, Any] = field(default_factory=dict)
    """From ``run.started``: ``run``, ``seq``, ``turn``, ``set``; empty if it is no fork."""
    children: list[Member] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Runs of this branch."""
        return 1 + sum(child.size for child in self.children)


def families(root: Path) -> list[Member]:
    """Every run of a folder, under the one it was forked from; those that are no forks, oldest first."""
    members = {info.folder.name: Member(info.id, info, _forked(info)) for info in list_runs(root)}
    roots = []
    for member in list(members.values()):
        parent = str(member.forked.get("run", ""))
        if not parent:
            roots.append(member)
            continue
        if parent not in members:
            members[parent] = Member(parent)
            roots.append(members[parent])
        members[parent].children.append(member)
    return roots


def _forked(info: RunInfo) -> Mapping[str, Any]:
    try:
        with read(info.folder) as events:
            first = next(events, None)
    except (Damaged, OSError):
        return {}
    found = None if first is None else first.data.get("forked")
    return found if isinstance(found, dict) else {}
