"""Agents' work folders, kept in the record after turns that changed them, and put back from it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.engine.manifest import manifest, things_of
from sandbox.engine.step import Noted
from sandbox.errors import BoxError, Damaged, TranscriptError
from sandbox.isolation.box import Box
from sandbox.isolation.folder import File, Snapshot, Thing
from sandbox.transcript.artifacts import Artifacts

__all__ = ["SECONDS", "Restored", "Workspaces", "load", "restore"]

SECONDS: Final = 20.0
"""For one folder, after which it counts as failed: a box that hangs holds up its own agent alone."""
MOST: Final = 256 << 20
"""Bytes of files in one folder: all of those that are new are in memory at once."""
TOLD: Final = 50
"""Paths in one event."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put into a box, as ``workspace.restored`` tells it."""

    manifest: str
    files: int
    bytes: int


class Workspaces:
    """The work folders of one run's agents. ``limit`` is the most bytes of files in one of them."""

    def __init__(self, boxes: Mapping[str, Box], artifacts: Artifacts, limit: int) -> None:
        self._boxes = boxes
        self._artifacts = artifacts
        self._limit = min(limit, MOST)
        self._things: dict[str, Mapping[str, Thing]] = {}
        self.manifests: dict[str, str] = {}
        """By agent, the manifest of its folder as it was last kept."""

    async def save(self, agent: str, turn: int) -> Noted | None:
        """Keep an agent's folder as it is now: ``workspace.saved`` once all of it is as durable as the record.

        None if it is as it was; ``workspace.failed`` for whatever goes wrong in the box or on the disk.
        """
        try:
            async with asyncio.timeout(SECONDS):
                return await self._save(agent, turn)
        except TimeoutError:
            why = f"the box did not give it within {SECONDS:g} s"
        except (BoxError, TranscriptError) as error:
            why = str(error)
        return Noted("workspace.failed", {"turn": turn, "error": why})

    async def restore(self, agent: str, sha256: str) -> Restored:
        """Put a manifest's files into the agent's started box. Raises as ``restore`` does."""
        done = await restore(self._boxes[agent], self._artifacts, sha256)
        data = await asyncio.to_thread(self._artifacts.get, sha256)
        self._things[agent] = things_of(data)
        self.manifests[agent] = sha256
        return done

    async def _save(self, agent: str, turn: int) -> Noted | None:
        before = self._things.get(agent, {})
        snapshot = await self._boxes[agent].snapshot(known=before, limit=self._limit)
        if snapshot.things == before:
            return None
        *_, name = await asyncio.to_thread(
            self._artifacts.put_all, [*snapshot.contents.values(), manifest(snapshot.things)]
        )
        self._things[agent] = snapshot.things
        self.manifests[agent] = name
        return Noted("workspace.saved", _saved(turn, name, snapshot, before))


async def restore(box: Box, artifacts: Artifacts, manifest: str) -> Restored:
    """Put a manifest's files into a started box; what was in its folder is gone.

    Raises:
        Damaged: an artifact is missing or not what was kept. The box's folder is then as it was.
        ShimError: they do not fit, or the box is gone.
    """
    snapshot = await asyncio.to_thread(load, artifacts, manifest)
    await box.restore(snapshot)
    return Restored(manifest, *_amount(snapshot.things))


def load(artifacts: Artifacts, manifest: str) -> Snapshot:
    """Read a kept folder with all its files. Raises Damaged."""
    things = things_of(artifacts.get(manifest))
    contents = {}
    for path, thing in things.items():
        if isinstance(thing, File):
            contents[path] = artifacts.get(thing.sha256, limit=thing.size)
            if len(contents[path]) != thing.size:
                raise Damaged(
                    f"the manifest {manifest} says {thing.size} bytes for {path!r:.200}, "
                    f"its artifact holds {len(contents[path])}"
                )
    return Snapshot(things, contents)


def _saved(turn: int, name: str, snapshot: Snapshot, before: Mapping[str, Thing]) -> dict[str, Any]:
    now = snapshot.things
    changed = sorted(p for p in {*now, *before} if now.get(p) != before.get(p))
    files, size = _amount(now)
    data: dict[str, Any] = {"turn": turn, "manifest": name, "files": files, "bytes": size}
    data["changed"] = changed[:TOLD]
    if snapshot.left_out:
        data["left_out"] = dict(list(snapshot.left_out.items())[:TOLD])
    return data


def _amount(things: Mapping[str, Thing]) -> tuple[int, int]:
    sizes = [thing.size for thing in things.values() if isinstance(thing, File)]
    return len(sizes), sum(sizes)
