"""The files that are to be imported: found below folders, read one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox.errors import TranscriptError, UsageError
from sandbox.transcript.formats.foreign import Source

__all__ = ["Found", "Gathered", "gather", "source_of"]

_KINDS: Final = frozenset(
    {".txt", ".md", ".log", ".json", ".jsonl", ".ndjson", ".html", ".htm", ".yaml", ".yml",
     ".eval", ".traj", ".csv", ".zip"}
)  # fmt: skip
"""Ends of names that a transcript may have. A file that is named itself may have any."""

_LARGEST: Final = 512 << 20
"""Bytes: a transcript is read as a whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file, the name that it is reported under, and whether it was named or found in a folder."""

    path: Path
    name: str
    named: bool


@dataclass(slots=True)
class Gathered:
    """What was found, in order. ``skipped`` counts the files of folders that no transcript can be."""

    files: list[Found] = field(default_factory=list)
    skipped: int = 0
    templates: dict[Path, list[str]] = field(default_factory=dict)
    """Files in folders called ``templates``: their names from there on, by the folder above."""


def gather(paths: Sequence[Path]) -> Gathered:
    """Find all files below the paths, each once; hidden ones and links that lead away are left out.

    Raises:
        UsageError: there is no such file or folder.
    """
    found = Gathered()
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            for each in _below(path):
                _take(found, seen, each, named=False)
        elif path.is_file():
            _take(found, seen, path, named=True)
        else:
            raise UsageError(f"there is no file or folder {str(path)!r}")
    return found


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(at, name) for name in sorted(files) if not name.startswith("."))


def _take(found: Gathered, seen: set[Path], path: Path, *, named: bool) -> None:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):  # the latter of links that lead in a circle, before Python 3.13
        found.skipped += 1
        return
    parts = real.parts
    if "templates" in parts:
        last = len(parts) - 1 - parts[::-1].index("templates")
        found.templates.setdefault(Path(*parts[:last]), []).append("/".join(parts[last:]))
    fits = named or (path.suffix.lower() in _KINDS and real.is_file() and not path.is_symlink())
    if not fits or real in seen:
        found.skipped += real not in seen
        return
    seen.add(real)
    found.files.append(Found(path, str(path), named))


def source_of(found: Found, gathered: Gathered, *, all_branches: bool = False) -> Source:
    """Read one file; templates beside it are those of a folder that it is somewhere below.

    Raises:
        TranscriptError: it cannot be read, or is too large.
    """
    above = found.path.resolve().parents
    templates = {
        name: folder / name
        for folder, names in gathered.templates.items()
        if folder in above
        for name in names
    }
    return Source(found.name, _bytes(found.path), _Beside(found.path, templates), all_branches)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise TranscriptError(
                f"{path}: larger than {_LARGEST >> 20} MB, which is no transcript. "
                "If it is one, cut it in parts"
            )
        return path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror or error}") from None


class _Beside(Mapping[str, bytes]):
    """The other files of a file's folder, and templates, each read when it is asked for."""

    def __init__(self, path: Path, templates: Mapping[str, Path]) -> None:
        self._folder = path.parent
        self._own = path.name
        self._templates = templates

    def __getitem__(self, name: str) -> bytes:
        if name in self._templates:
            path = self._templates[name]
        elif name == self._own or "/" in name or not (path := self._folder / name).is_file():
            raise KeyError(name)
        try:
            return _bytes(path)
        except TranscriptError:
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name == self._own:
            return False
        return name in self._templates or ("/" not in name and (self._folder / name).is_file())

    def __iter__(self) -> Iterator[str]:
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if _is_file(entry))
        yield from (name for name in names if name != self._own)
        yield from self._templates

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False  # a link that leads in a circle
