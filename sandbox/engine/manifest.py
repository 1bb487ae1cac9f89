"""A manifest: what lies in a work folder, as an artifact that names the artifacts of its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from sandbox.errors import Damaged
from sandbox.isolation.folder import File, Folder, Link, Thing
from sandbox.isolation.snapshot import SHA256, why_not

__all__ = ["MOST", "manifest", "things_of"]

MOST: Final = 1 << 40
"""Bytes that the files of a manifest may have in all; whoever puts them somewhere has a limit of his own."""


def manifest(things: Mapping[str, Thing]) -> bytes:
    """Write a manifest; the same things are always the same bytes."""
    return orjson.dumps(
        {path: _entry(thing) for path, thing in things.items()}, option=orjson.OPT_SORT_KEYS
    )


def things_of(data: bytes) -> dict[str, Thing]:
    """Read a manifest: things by path, a folder before what is in it.

    Raises:
        Damaged: it is none, or tells of something that must not be put anywhere.
    """
    try:
        things = {path: _thing(entry) for path, entry in orjson.loads(data).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise Damaged(f"no manifest of a work folder: {error}") from None
    if (why := why_not(things, MOST)) is not None:
        raise Damaged(f"no manifest of a work folder: {why}")
    return dict(sorted(things.items()))


def _entry(thing: Thing) -> dict[str, object]:
    match thing:
        case File(mode, size, sha256):
            return {"mode": mode, "size": size, "sha256": sha256}
        case Folder(mode):
            return {"mode": mode, "folder": True}
        case Link(target):
            return {"link": target}


def _thing(entry: object) -> Thing:
    match entry:
        case {"mode": int(mode), "size": int(size), "sha256": str(sha256)} if (
            size >= 0 and SHA256.fullmatch(sha256)
        ):
            return File(mode & 0o777, size, sha256)
        case {"mode": int(mode), "folder": True}:
            return Folder(mode & 0o777)
        case {"link": str(target)}:
            return Link(target)
    raise ValueError(f"{entry!r:.80} is nothing that lies in a work folder")
