"""Whether the artifacts that a record names are there, and are what was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from sandbox.errors import Damaged
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.event import Event

__all__ = ["ArtifactCheck"]


class ArtifactCheck:
    """Takes the events of one run in their order; ``named`` counts the different artifacts so far."""

    def __init__(self, folder: Path) -> None:
        self._artifacts = Artifacts(folder)
        self._seen: set[str] = set()

    @property
    def named(self) -> int:
        return len(self._seen)

    def take(self, event: Event) -> Iterator[str]:
        """Check what an event names and none before it did; say what is lost."""
        if event.kind == "run.started":
            imported = event.data.get("imported")
            if isinstance(imported, Mapping):
                yield from self._content(imported)
        elif event.kind in {"workspace.saved", "workspace.restored"}:
            yield from self._manifest(event.data.get("manifest"))

    def _manifest(self, name: object) -> Iterator[str]:
        if not isinstance(name, str):
            yield "names no manifest"
            return
        if name in self._seen:
            return
        try:
            files = orjson.loads(self._get(name))
        except Damaged as error:
            yield str(error)
            return
        except orjson.JSONDecodeError:
            files = None
        if not isinstance(files, dict):
            yield "names a manifest that is no list of files"
            return
        for about in files.values():
            if isinstance(about, Mapping):
                yield from self._content(about)

    def _content(self, about: Mapping[str, Any]) -> Iterator[str]:
        """Check a file: of another system, or of a work folder, where folders and links have no content."""
        name = about.get("sha256")
        if isinstance(name, str) and name not in self._seen:
            try:
                self._get(name)
            except Damaged as error:
                yield str(error)

    def _get(self, name: str) -> bytes:
        self._seen.add(name)
        return self._artifacts.get(name)
