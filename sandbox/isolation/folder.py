"""A work folder as data: what lies at each path, and what the files hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["File", "Folder", "Link", "Snapshot", "Thing"]


@dataclass(frozen=True, slots=True)
class File:
    """A regular file: permissions, bytes, SHA-256."""

    mode: int
    size: int
    sha256: str

    def holds_as(self, other: Thing | None) -> bool:
        """Whether the other is a file that holds the same."""
        return isinstance(other, File) and (self.size, self.sha256) == (other.size, other.sha256)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and its permissions."""

    mode: int


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link: relative, and to something in the work folder."""

    target: str


Thing: TypeAlias = File | Folder | Link


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A work folder at one moment: ``things`` by path, a folder before what is in it.

    ``contents`` holds what is in the files, but for those that the taker of the snapshot knew;
    ``left_out`` says for paths that are not in ``things`` why.
    """

    things: Mapping[str, Thing]
    contents: Mapping[str, bytes]
    left_out: Mapping[str, str] = field(default_factory=dict)
