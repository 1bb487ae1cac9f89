"""Where a scenario is edited: in its own file, or in a copy that belongs to the reader."""

from __future__ import annotations

from pathlib import Path

from sandbox.tui.launch.earlier import RecentRun
from sandbox.tui.launch.shelf import FOLDER, Entry
from sandbox.tui.places import Edited

__all__ = ["duplicate", "edited"]


def edited(item: Entry | RecentRun) -> Edited:
    """Open one's own file at its first problem; what ships, or what a run has played, as a new text.

    Raises:
        ScenarioError: there is nothing to read.
    """
    if isinstance(item, RecentRun):
        return Edited(text=_text(item.info.folder / "scenario.yaml"))
    if item.path.is_absolute():
        return Edited(FOLDER / item.path.name, _text(item.path))
    return Edited(item.path, line=_line(item))


def duplicate(entry: Entry) -> Edited:
    """Open a copy under the next free name; it is written when it is saved.

    Raises:
        ScenarioError: the file cannot be read.
    """
    return Edited(_free(entry.path.name), _text(entry.path))


def _free(name: str) -> Path:
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 2
    while (path := FOLDER / f"{stem}-{number}{suffix}").exists():
        number += 1
    return path


def _text(path: Path) -> str:
    from sandbox.tui.edit.source import read_source

    return read_source(path).text


def _line(entry: Entry) -> int | None:
    """The line of the first problem, as its message says."""
    place = entry.error.partition(": ")[0].rsplit(":", 2)
    return int(place[1]) if len(place) == 3 and place[1].isdecimal() else None
