"""A work folder as it comes out of a box, looked through as hostile, and as it goes into another."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agents.snapshot import DEPTH, ENTRIES, LEFT_OUT
from agents.workfolder import PathRefused, steps
from sandbox.errors import ShimError
from sandbox.isolation.control import printable
from sandbox.isolation.folder import File, Folder, Link, Snapshot, Thing

__all__ = [
    "SHA256",
    "SURVEY_MOST",
    "batches",
    "cut",
    "files_of",
    "packed",
    "stays_inside",
    "surveyed",
    "why_not",
]

SURVEY_MOST: Final = 8 << 20
"""Bytes of the list of what lies in a folder: 400 for each of the most things there can be."""
BATCH: Final = 8 << 20
"""Bytes of files that travel at once: both sides hold them in memory."""
SLACK: Final = 1 << 20
"""Bytes by which the files of a batch may have grown since they were listed."""
PATH_MOST: Final = 4096
NAME_MOST: Final = 255
"""Bytes, by Linux."""
WHY_MOST: Final = 200
SHA256: Final = re.compile(r"[0-9a-f]{64}")


def surveyed(body: bytes, limit: int) -> tuple[dict[str, Thing], dict[str, str]]:
    """Read what a shim tells of its work folder: things by path, parents first, and what is left out.

    Links that lead out are left out. Raises ShimError for what no honest shim tells.
    """
    try:
        told = json.loads(body)
        left_out = {_name(path): printable(why[:WHY_MOST]) for path, why in told["left_out"]}
        things = dict(_thing(row) for row in told["things"])
        told_once = len(things) == len(told["things"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        what = printable(f"{type(error).__name__}: {error}")[:WHY_MOST]
        raise ShimError(f"survey: not what a shim tells: {what}") from None
    if not told_once:
        raise ShimError("survey: a path is told twice")
    for path, thing in list(things.items()):
        if isinstance(thing, Link) and not stays_inside(path, thing.target):
            left_out[_name(path)] = f"a link out of the folder, to {_name(thing.target)}"
            del things[path]
    if (why := why_not(things, limit)) is not None:
        raise ShimError(f"survey: {why}")
    return dict(sorted(things.items())), dict(list(left_out.items())[:LEFT_OUT])


def why_not(things: Mapping[str, Thing], limit: int) -> str | None:
    """Say why these cannot be a work folder of at most ``limit`` bytes; None if they can.

    For whatever was not made here: nothing but what passes is written anywhere.
    """
    if len(things) > ENTRIES:
        return f"there are {len(things)} things, more than {ENTRIES}"
    size = 0
    for path, thing in things.items():
        if (why := _bad_path(path, things)) is not None:
            return f"{_name(path)!r}: {why}"
        match thing:
            case File(size=bytes_):
                size += bytes_
            case Link(target) if not stays_inside(path, target):
                return f"{_name(path)!r}: a link that leads out"
    return f"it holds {size} bytes, more than {limit}" if size > limit else None


def stays_inside(path: str, target: str) -> bool:
    """Whether a link at ``path`` leads to something in the folder, wherever other such links lead.

    Only at its beginning may a target go up: behind the name of another link ``..`` leads anywhere.
    """
    if not target or target.startswith("/") or "\0" in target or not _fits(target, PATH_MOST):
        return False
    names = [name for name in target.split("/") if name not in {"", "."}]
    up = 0
    while up < len(names) and names[up] == "..":
        up += 1
    return up <= path.count("/") and ".." not in names[up:]


def batches(
    things: Mapping[str, Thing], known: Mapping[str, Thing]
) -> Iterator[tuple[list[str], int]]:
    """List the files to be read, as many as travel at once, each list with the most bytes it may be."""
    batch: list[str] = []
    size = 0
    for path, thing in things.items():
        if not isinstance(thing, File) or thing.holds_as(known.get(path)):
            continue
        if batch and size + thing.size > BATCH:
            yield batch, size + SLACK
            batch, size = [], 0
        batch.append(path)
        size += thing.size
    if batch:
        yield batch, size + SLACK


def cut(paths: Sequence[str], sizes: object, body: bytes) -> dict[str, bytes | None]:
    """Cut an answer into the contents of the files that were asked for; None for what cannot be read.

    Raises ShimError if the sizes do not fit.
    """
    if not isinstance(sizes, list) or len(sizes) != len(paths):
        raise ShimError("read: not one size for each file")
    found: dict[str, bytes | None] = {}
    start = 0
    for path, size in zip(paths, sizes, strict=True):
        if size is None:
            found[path] = None
        elif type(size) is int and 0 <= size <= len(body) - start:
            found[path] = body[start : start + size]
            start += size
        else:
            raise ShimError(f"read: a size of {size!r:.80}")
    if start != len(body):
        raise ShimError(f"read: {len(body) - start} bytes that belong to no file")
    return found


def files_of(things: Mapping[str, Thing], contents: Mapping[str, bytes]) -> dict[str, Thing]:
    """Describe the files whose content is here by what they hold."""
    found: dict[str, Thing] = {}
    for path, data in contents.items():
        file = things[path]
        assert isinstance(file, File)
        found[path] = File(file.mode, len(data), hashlib.sha256(data).hexdigest())
    return found


def packed(snapshot: Snapshot) -> Iterator[tuple[int, bytes]]:
    """Write a folder as the bodies of requests, each with the length of the list that it begins with.

    Folders come first and open, then what is in them; at last folders get the permissions they had.
    """
    rows: list[list[object]] = []
    data = bytearray()
    closed: list[list[object]] = []
    for path, thing in snapshot.things.items():
        match thing:
            case Folder(mode):
                rows.append(["folder", path, mode | 0o700])
                if mode & 0o700 != 0o700:
                    closed.append(["folder", path, mode])
            case Link(target):
                rows.append(["link", path, target])
            case File(mode, size):
                if data and len(data) + size > BATCH:
                    yield _body(rows, data)
                    rows, data = [], bytearray()
                rows.append(["file", path, mode, size])
                data += snapshot.contents[path]
    yield _body(rows + closed[::-1], data)


def _body(rows: Sequence[object], data: bytearray) -> tuple[int, bytes]:
    head = json.dumps(rows).encode()
    return len(head), head + data


def _thing(row: object) -> tuple[str, Thing]:
    match row:
        case ["file", str(path), int(mode), int(size), str(sha256)]:
            if size < 0 or not SHA256.fullmatch(sha256):
                raise ValueError(f"a file of {size} bytes with the hash {sha256!r:.80}")
            return path, File(mode & 0o777, size, sha256)
        case ["folder", str(path), int(mode)]:
            return path, Folder(mode & 0o777)
        case ["link", str(path), str(target)]:
            return path, Link(target)
    raise ValueError(f"{row!r:.80} is nothing that lies in a work folder")


def _bad_path(path: str, things: Mapping[str, Thing]) -> str | None:
    try:
        names = steps(path)
    except PathRefused:
        return "no path below the work folder"
    names_fit = all(_fits(name, NAME_MOST) for name in names)
    if len(names) > DEPTH + 1 or not names_fit or not _fits(path, PATH_MOST):
        return "a path that is too long, or not UTF-8"
    above = path.rpartition("/")[0]
    return None if not above or isinstance(things.get(above), Folder) else "it lies in no folder"


def _fits(text: str, most: int) -> bool:
    """Whether a text is UTF-8 of at most so many bytes."""
    try:
        return len(text.encode()) <= most
    except UnicodeEncodeError:
        return False


def _name(path: str) -> str:
    return printable(path.encode("utf-8", "backslashreplace").decode()[:WHY_MOST])
