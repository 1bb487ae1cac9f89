"""What a killed run left behind: boxes are written down beside their folder, and swept by that note."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sandbox.alive import gone, start_mark
from sandbox.errors import BoxError, TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation import cgroup
from sandbox.isolation.box import BoxSpec, Tier
from sandbox.isolation.engine import RUN_LABEL, EngineName, remove_containers

__all__ = ["HOME_PREFIX", "forget", "homes", "remember", "sweep_boxes"]

SUFFIX: Final = ".box"
HOME_PREFIX: Final = "backrooms-home-"
"""Names of the work folders that tier ``none`` makes in the system's temporary folder."""
SECONDS: Final = 5.0
_MEMBERS: Final = {
    "tier": str,
    "pid": int | None,
    "began": str | None,
    "home": str | None,
}


def remember(
    spec: BoxSpec, *, tier: Tier, pid: int | None = None, home: Path | None = None
) -> None:
    """Write down what is to be swept should this process not live to stop the box."""
    note = {
        "tier": tier,
        "pid": pid,
        "began": None if pid is None else start_mark(pid),
        "home": None if home is None else str(home),
    }
    path = _note(spec)
    # Whole or not at all: the next start reads it.
    new = path.with_name(f".{path.name}.new")
    new.write_text(json.dumps(note), encoding="utf-8")
    new.replace(path)


def forget(spec: BoxSpec) -> None:
    """The box is gone: there is nothing to sweep."""
    _note(spec).unlink(missing_ok=True)


def homes(folder: Path) -> list[Path]:
    """The work folders that the notes in a run's runtime folder name."""
    return [Path(what["home"]) for _, what in _notes(folder) if what and what["home"]]


async def sweep_boxes(run: RunId, folder: Path) -> list[str]:
    """End and remove every box of a run that was killed; ``folder`` is the run's runtime folder.

    Returns one line for each thing removed (a note that cannot be read is one), and one that says how to
    remove containers by hand where their engine does not answer now: their guests ended with the run's engine,
    so nothing in them is alive.
    Only for a run that is known to be over: it asks nobody. Raises BoxError if a process does not end.
    """
    removed: list[str] = []
    found = await asyncio.to_thread(_notes, folder)
    for engine in _engines({None if what is None else what["tier"] for _, what in found}):
        removed += await asyncio.to_thread(_containers, engine, run)
    if any(what is not None and what["tier"] == "kubernetes" for _, what in found):
        removed += await _pods(run)
    for note, what in found:
        if what is None:
            removed.append(f"the note {note.name}, which cannot be read")
        else:
            removed += await _sweep(note, what)
        note.unlink(missing_ok=True)
    return removed + await asyncio.to_thread(cgroup.sweep, run)


def _engines(tiers: set[str | None]) -> list[EngineName]:
    """Who keeps containers of these tiers; None is a note that cannot be read, about which nothing is known."""
    engines: list[EngineName] = []
    if tiers & {"docker", "gvisor", None}:
        engines.append("docker")
    if "podman" in tiers or (None in tiers and shutil.which("podman")):
        engines.append("podman")
    return engines


def _containers(engine: EngineName, run: RunId) -> list[str]:
    try:
        return remove_containers(engine, run)
    except TierUnavailable as error:
        label = f"label={RUN_LABEL}={run}"
        return [
            f"not looked for containers ({error.why}); '{engine} ps -a --filter {label}' lists them"
        ]


async def _pods(run: RunId) -> list[str]:
    from sandbox.isolation.kubernetes.client import remove_pods
    from sandbox.isolation.kubernetes.settings import read_namespace

    try:
        return await remove_pods(run, read_namespace())
    except BoxError as error:
        label = f"--selector {RUN_LABEL}={run}"
        return [f"not looked for Pods ({error}); 'kubectl get pods {label}' lists them"]


def _notes(folder: Path) -> list[tuple[Path, dict[str, Any] | None]]:
    """The notes in a folder, not in those below: these are the agents' own."""
    return [(note, _read(note)) for note in sorted(folder.glob("*" + SUFFIX))]


def _read(note: Path) -> dict[str, Any] | None:
    """What a note says, or None where it is not what ``remember`` writes."""
    try:
        what = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(what, dict) or any(
        not isinstance(what.get(member, ...), kinds) for member, kinds in _MEMBERS.items()
    ):
        return None
    return what


async def _sweep(note: Path, what: dict[str, Any]) -> list[str]:
    removed = []
    pid, began, home = what["pid"], what["began"], what["home"]
    if pid is not None and began is not None and start_mark(pid) == began:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _thaw(pid)
        if not await gone(pid, began, SECONDS):
            raise BoxError(f"process {pid} of {note.stem} ({note}) does not end. Kill it by hand")
        removed.append(f"process {pid} of '{note.stem}'")
    if home is not None and _is_home(Path(home)):
        await asyncio.to_thread(shutil.rmtree, home)
        removed.append(f"folder {home}")
    return removed


def _thaw(pid: int) -> None:
    """Let a box that its house had frozen go on: what is frozen does not even die."""
    group = cgroup.of_process(pid)
    if group is not None and {one.parent.name for one in group.folders.values()} == {cgroup.PARENT}:
        with suppress(OSError):
            group.freeze(frozen=False)


def _is_home(path: Path) -> bool:
    """Whether this is a folder that tier ``none`` made: a note is no reason to delete anything else."""
    temporary = Path(tempfile.gettempdir())
    return path.parent == temporary and path.name.startswith(HOME_PREFIX) and path.is_dir()


def _note(spec: BoxSpec) -> Path:
    return spec.folder.with_name(spec.folder.name + SUFFIX)
