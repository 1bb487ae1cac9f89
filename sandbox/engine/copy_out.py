"""A kept work folder as files of one's own, never outside the folder that was named."""

from __future__ import annotations

import json
from pathlib import Path

from agents import restore
from sandbox.errors import UsageError
from sandbox.isolation.folder import File, Folder, Snapshot, Thing
from sandbox.isolation.snapshot import packed

__all__ = ["copy_out"]


def copy_out(snapshot: Snapshot, to: Path) -> dict[str, str]:
    """Write a folder to ``to``, which must be new or empty; what was left out, and why.

    No link is followed, and nobody else may write what is written; programs stay executable. Names that
    a terminal would obey are left out.

    Raises:
        UsageError: there is something in ``to``.
        OSError: the disk is full, or names that differ here are one there.
    """
    try:
        to.mkdir(parents=True, exist_ok=True)
        taken = any(to.iterdir())
    except (FileExistsError, NotADirectoryError):
        taken = True
    if taken:
        raise UsageError(f"{to} is not empty. Name a folder that is new: nothing is overwritten.")
    things: dict[str, Thing] = {}
    left_out: dict[str, str] = {}
    for path, thing in snapshot.things.items():
        above = path.rpartition("/")[0]
        if not path.isprintable():
            left_out[path] = "its name has characters that a terminal obeys"
        elif above and above not in things:
            left_out[path] = "its folder is left out"
        elif isinstance(thing, File):
            mode = 0o755 if thing.mode & 0o111 else 0o644
            things[path] = File(mode, thing.size, thing.sha256)
        else:
            things[path] = Folder(0o755) if isinstance(thing, Folder) else thing
    for head, body in packed(Snapshot(things, snapshot.contents)):
        restore.fill(str(to), json.loads(body[:head]), memoryview(body)[head:])
    return left_out
