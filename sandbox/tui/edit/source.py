"""A scenario file as an editor needs it: read whole, written whole or not at all, watched for others' changes."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import ScenarioError
from sandbox.scenario.place import Problem, shown
from sandbox.scenario.yaml import MAX_BYTES, decode

__all__ = ["Source", "read_source", "same_on_disk", "stamp", "write_source"]

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """What a file held when it was read or written; ``bom``: it begins with a byte order mark."""

    path: Path
    data: bytes
    text: str
    bom: bool


def read_source(path: Path) -> Source:
    """Read a file that can be edited as a text.

    Raises:
        ScenarioError: it is no file, too large, no UTF-8, or may not be read; what to do is said.
    """
    try:
        data = _bytes_of(path, MAX_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links; a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(
            f"{shown(str(path))} cannot be read: {why}. Check the name and its permissions."
        ) from None
    if data is None:
        raise ScenarioError(f"{shown(str(path))} is no file. Name a YAML file.")
    problems: list[Problem] = []
    text = decode(data, str(path), problems)
    if text is None:
        raise ScenarioError(str(problems[0]))
    return Source(path, data, text, data.startswith(_BOM))


def write_source(path: Path, text: str, *, bom: bool = False) -> Source:
    """Put a text in the place of a file, at once: whoever reads sees the old file or the new one, whole.

    A link stays a link, and what it leads to is written. Rights stay as they were.

    Raises:
        ScenarioError: it cannot be; the file is as it was.
    """
    data = (_BOM if bom else b"") + text.encode()
    try:
        target = path.resolve()
        if target.exists():
            mode = target.stat().st_mode
            if not stat.S_ISREG(mode):
                raise ScenarioError(f"{shown(str(path))} is no file. Save under another name.")
            if not mode & 0o222 or not os.access(target, os.W_OK):
                raise ScenarioError(
                    f"{shown(str(path))} is read-only. Allow it with 'chmod u+w', or save under another name."
                )
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = 0o666 & ~_umask()
        _replace(target, data, stat.S_IMODE(mode))
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(
            f"{shown(str(path))} cannot be written: {why}. What you wrote is still here."
        ) from None
    return Source(path, data, text, bom)


def same_on_disk(source: Source) -> bool:
    """Whether the file still holds what was read or written; one that is gone does not."""
    try:
        return _bytes_of(source.path, len(source.data) + 1) == source.data
    except (OSError, RuntimeError):
        return False


def stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written, and costs nothing to ask for; None where there is no file."""
    try:
        found = path.stat()
    except (OSError, RuntimeError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _bytes_of(path: Path, most: int) -> bytes | None:
    """The beginning of a file; None of what is no file, which is not waited for either."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(handle).st_mode) else None


def _replace(target: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:64]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)  # noqa: PTH105  # with the handle's own name
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
