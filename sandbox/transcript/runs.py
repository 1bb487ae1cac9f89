"""The runs in a folder: find one by a short name, list all from their first and last lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.errors import Damaged, NoSuchRun, TranscriptError
from sandbox.transcript.codec import EVENTS_FILE
from sandbox.transcript.record import Record
from sandbox.transcript.tail import first_line

__all__ = ["RunInfo", "find_run", "list_runs"]

_STAMP: Final = len("20261121-113908")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a list of runs shows of one. ``started`` is ISO 8601 UTC, ``size`` bytes of its events.

    ``end`` is the reason in ``run.ended``, or ``running``, ``killed``, ``empty``, ``damaged``,
    ``unreadable``, ``not played yet`` for a fork that was only made, or ``not told`` for an imported run of
    which nobody says how it ended. ``imported``
    is the format of another system's transcript, ``forked`` the run that this one was forked from; both
    are empty for most.
    """

    id: str
    folder: Path
    title: str
    started: str
    turns: int
    agents: tuple[str, ...]
    end: str
    events: int
    size: int
    imported: str = ""
    forked: str = ""


def find_run(root: Path, name: str) -> Path:
    """Find a run's folder by its id, a unique beginning of it, ``last``, or as a path.

    ``last`` is the newest that has an event: what was killed at its very beginning hides no run.

    Raises:
        NoSuchRun: there is none, or more than one; near ones are named.
    """
    given = Path(name)
    for folder in (root / name, given, given.parent):
        if name and (folder / EVENTS_FILE).is_file() and given.name in {folder.name, EVENTS_FILE}:
            # A folder's name is the run's id, and `.` is no name.
            return folder if folder.name not in {"", ".."} else folder.resolve()
    ids = _ids(root)
    if not ids:
        raise NoSuchRun(f"there is no run in {root}. `backrooms run SCENARIO` makes one.")
    if name == "last":
        begun = [run for run in ids if _has_event(root / run)] or ids
        same_second = [run for run in begun if run[:_STAMP] == begun[-1][:_STAMP]]
        newest = max(same_second, key=lambda run: (root / run / EVENTS_FILE).stat().st_mtime_ns)
        return root / newest
    found = [run for run in ids if name and run.startswith(name)]
    if len(found) == 1:
        return root / found[0]
    if found:
        raise NoSuchRun(
            f"{len(found)} runs in {root} begin with '{name}': {_some(found)}. Give more letters."
        )
    raise NoSuchRun(f"no run in {root} is called '{name}'. Near: {_some(_near(name, ids))}.")


def list_runs(root: Path) -> list[RunInfo]:
    """List the runs in a folder, oldest first; each costs two reads, whatever its length."""
    return [_info(root / run) for run in _ids(root)]


def _ids(root: Path) -> list[str]:
    """The runs in a folder by age: an id begins with its start."""
    if not root.is_dir():
        return []
    # A hidden one is being made, or its making was killed.
    return sorted(
        entry.name
        for entry in root.iterdir()
        if not entry.name.startswith(".") and _is_file(entry / EVENTS_FILE)
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:
        return False  # in a folder that is closed to us


def _has_event(folder: Path) -> bool:
    try:
        with (folder / EVENTS_FILE).open("rb", buffering=0) as file:
            return bool(first_line(file.fileno()))
    except OSError:
        return False


def _some(ids: list[str]) -> str:
    return ", ".join(ids[-5:]) + (", ..." if len(ids) > 5 else "")


def _near(name: str, ids: list[str]) -> list[str]:
    import difflib  # needed after a mistake only

    within = [run for run in ids if name and name in run]
    return within or difflib.get_close_matches(name, ids, n=3, cutoff=0.3) or ids[-3:]


def _info(folder: Path) -> RunInfo:
    try:
        with Record(folder) as record:
            return _read(folder, record)
    except (OSError, TranscriptError):
        # Another user's, or the disk's fault: the other runs are there all the same.
        return RunInfo(folder.name, folder, "", "", 0, (), "unreadable", 0, 0)


def _read(folder: Path, record: Record) -> RunInfo:
    size = record.size + record.torn
    held = record.held
    try:
        first = next(record.events(), None)
        last = next(record.backwards(), None)
    except Damaged:
        return RunInfo(folder.name, folder, "", "", 0, (), "damaged", 0, size)
    if first is None or last is None:
        end = "running" if held else "empty"
        return RunInfo(folder.name, folder, "", "", 0, (), end, 0, size)
    imported = _member(first.data, "imported", "format")
    forked = first.data.get("forked")
    unplayed = isinstance(forked, Mapping) and forked.get("seq") == last.seq
    end = "not told" if imported else "not played yet" if unplayed else "killed"
    end, turns = "running" if held else end, None
    if last.kind == "run.ended":
        end, turns = str(last.data.get("reason", "")) or "ended", last.data.get("turns")
    agents = first.data.get("agents")
    return RunInfo(
        id=folder.name,
        folder=folder,
        title=str(first.data.get("title", "")),
        started=first.ts,
        turns=turns if isinstance(turns, int) else record.turns,
        agents=tuple(map(str, agents)) if isinstance(agents, dict) else (),
        end=end,
        events=last.seq,
        size=size,
        imported=imported,
        forked=_member(first.data, "forked", "run"),
    )


def _member(data: Mapping[str, Any], outer: str, inner: str) -> str:
    value = data.get(outer)
    found = value.get(inner) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""
