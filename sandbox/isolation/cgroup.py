"""Control groups: limits over all processes of a box together, and what the kernel counted of them.

Engines make groups for their containers. For bubblewrap the house makes one, with version 1 or 2 of
the interface, where this user may write; a box without one is limited process by process.
Source: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst of Linux.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.isolation.box import BoxLimits

__all__ = ["Counts", "Group", "counts", "make", "of_process", "sweep"]

ROOT: Final = Path("/sys/fs/cgroup")
PARENT: Final = "backrooms"
CONTROLLERS: Final = ("memory", "pids", "cpu", "freezer")
PERIOD: Final = 100_000
"""Microseconds over which processor time is shared out."""
SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How often the kernel met a limit: processes it killed for memory, and processes it did not start."""

    memory: int = 0
    pids: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The group of one box: its folder in each controller's tree; one folder in all with version 2."""

    version: int
    folders: Mapping[str, Path]

    @property
    def procs(self) -> list[Path]:
        """The files into which a process' number is written for it to join."""
        return [folder / "cgroup.procs" for folder in dict.fromkeys(self.folders.values())]

    def freeze(self, *, frozen: bool) -> None:
        """Stop every process of the group, or let them go on. Raises OSError, KeyError without a freezer."""
        if self.version == 2:
            (self.folders["memory"] / "cgroup.freeze").write_text("1" if frozen else "0")
        else:
            (self.folders["freezer"] / "freezer.state").write_text("FROZEN" if frozen else "THAWED")

    def remove(self) -> None:
        """End whatever is left in the group, and take it away; blocks while the kernel needs a moment.

        Raises OSError if it cannot be removed.
        """
        deadline = time.monotonic() + SECONDS
        for folder in dict.fromkeys(self.folders.values()):
            while folder.is_dir():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    self._kill(folder)
                    time.sleep(0.005)

    def _kill(self, folder: Path) -> None:
        with suppress(OSError):
            for pid in (folder / "cgroup.procs").read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGKILL)


def make(name: str, limits: BoxLimits, *, root: Path = ROOT) -> Group | None:
    """Make the group of a box; None where this user may make none.

    Args:
        name: of letters, digits and dashes, unique on this machine.
        limits: for the whole box.
        root: where the trees are mounted.
    """
    group = _second(name, root) or _first(name, root)
    if group is None:
        return None
    made = []
    try:
        for folder in dict.fromkeys(group.folders.values()):
            folder.mkdir()
            made.append(folder)
        for path, value in _settings(group, limits):
            path.write_text(value, encoding="ascii")
    except OSError:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        return None
    return group


def of_process(pid: int, *, root: Path = ROOT, proc: Path = Path("/proc")) -> Group | None:
    """The group that a process is in, whoever made it; None where that cannot be seen."""
    folders: dict[str, Path] = {}
    version = 1
    try:
        lines = (proc / str(pid) / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers and (root / "cgroup.controllers").is_file():
            version = 2
            folders = dict.fromkeys(CONTROLLERS, root / path.lstrip("/"))
            break
        for controller in controllers.split(","):
            if controller in CONTROLLERS:
                folders[controller] = root / controller / path.lstrip("/")
    return Group(version, folders) if folders else None


def counts(group: Group) -> Counts:
    """Read how often the group met its limits; what cannot be read counts nothing."""
    memory, pids = group.folders.get("memory"), group.folders.get("pids")
    events = "memory.events" if group.version == 2 else "memory.oom_control"
    return Counts(
        memory=0 if memory is None else _count(memory / events, "oom_kill"),
        pids=0 if pids is None else _count(pids / "pids.events", "max"),
    )


def sweep(run: str, root: Path = ROOT) -> list[str]:
    """Remove what a killed run left: its boxes' groups. Returns a line for each. Blocks."""
    removed = []
    for parent in (root / PARENT, *(root / name / PARENT for name in CONTROLLERS)):
        for folder in parent.glob(f"{run}-*"):
            # Its processes are killed, and may be on their way out.
            with suppress(OSError):
                Group(1, {"any": folder}).remove()
                removed.append(f"cgroup {folder}")
    return removed


def _first(name: str, root: Path) -> Group | None:
    """Version 1: a tree for each controller."""
    folders = {}
    for controller in CONTROLLERS:
        parent = root / controller / PARENT
        try:
            parent.mkdir(exist_ok=True)
        except OSError:
            return None
        folders[controller] = parent / name
    return Group(1, folders)


def _second(name: str, root: Path) -> Group | None:
    """Version 2: one tree, in which controllers are handed down by the folder above."""
    if not (root / "cgroup.controllers").is_file():
        return None
    for above in _writable(root):
        with suppress(OSError):
            given = (above / "cgroup.subtree_control").read_text(encoding="ascii").split()
            if not {"memory", "pids"} <= set(given):
                continue
            parent = above / PARENT
            parent.mkdir(exist_ok=True)
            handed = " ".join(f"+{one}" for one in ("memory", "pids", "cpu") if one in given)
            (parent / "cgroup.subtree_control").write_text(handed, encoding="ascii")
            return Group(2, dict.fromkeys(CONTROLLERS, parent / name))
    return None


def _writable(root: Path) -> Sequence[Path]:
    """Folders above this process in which this user may make groups: the nearest first, then the root."""
    own = of_process(os.getpid(), root=root)
    if own is None:
        return ()
    here = own.folders["memory"]
    return [
        folder
        for folder in (*here.parents, root)
        if folder.is_relative_to(root) and os.access(folder, os.W_OK)
    ]


def _settings(group: Group, limits: BoxLimits) -> list[tuple[Path, str]]:
    memory, pids, cpu = (group.folders[name] for name in ("memory", "pids", "cpu"))
    quota = str(int(limits.cpu * PERIOD))
    if group.version == 2:
        settings = [
            (memory / "memory.max", str(limits.memory)),
            (memory / "memory.oom.group", "0"),
            (pids / "pids.max", str(limits.pids)),
        ]
        optional = [
            (memory / "memory.swap.max", "0"),
            (cpu / "cpu.max", f"{quota} {PERIOD}"),
        ]
    else:
        settings = [
            (memory / "memory.limit_in_bytes", str(limits.memory)),
            (pids / "pids.max", str(limits.pids)),
            (cpu / "cpu.cfs_period_us", str(PERIOD)),
            (cpu / "cpu.cfs_quota_us", quota),
        ]
        optional = [(memory / "memory.memsw.limit_in_bytes", str(limits.memory))]
    # Without swap accounting, or without the processor's controller, there is no such file.
    return settings + [(path, value) for path, value in optional if path.is_file()]


def _count(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    found = (line.split() for line in lines)
    return next((int(words[1]) for words in found if words[:1] == [name] and len(words) == 2), 0)
