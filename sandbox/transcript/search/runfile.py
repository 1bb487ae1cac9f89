"""The runs of a folder as the index sees them: a name and what stat says, no more."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sandbox.transcript.codec import EVENTS_FILE, make_safe

__all__ = ["RunFile", "run_file", "run_files"]


@dataclass(frozen=True, slots=True)
class RunFile:
    """One run. ``size`` is in bytes, ``mtime`` in nanoseconds; ``id`` is the folder's name as text."""

    id: str
    path: Path
    size: int
    mtime: int


def run_files(root: Path) -> list[RunFile]:
    """Every run in a folder, the newest first: an id begins with its start."""
    try:
        names = sorted(os.listdir(root), reverse=True)  # noqa: PTH208  # a thousand Paths cost more than their stat
    except OSError:
        return []
    # A hidden one is being made, or its making was killed.
    folders = (root / name for name in names if not name.startswith("."))
    return [found for folder in folders if (found := run_file(folder)) is not None]


def run_file(folder: Path) -> RunFile | None:
    """A run by its folder; None if there is no record in it, or none that we may see."""
    path = folder / EVENTS_FILE
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return RunFile(make_safe(folder.name), path, found.st_size, found.st_mtime_ns)
