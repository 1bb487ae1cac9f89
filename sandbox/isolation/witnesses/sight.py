"""What the host's /proc shows of processes: who belongs to a box, what each may do, who carries a box's mark."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.alive import start_mark
from sandbox.isolation import cgroup
from sandbox.isolation.witness import MOST, NAMESPACES, family
from sandbox.isolation.witnesses.mark import Mark

__all__ = [
    "PROC",
    "Process",
    "Root",
    "bystanders",
    "carriers",
    "members",
    "namespaces",
    "root",
    "see",
    "who_runs",
]

PROC: Final = Path("/proc")
COMMAND: Final = 1000
"""Characters of a command line that the record keeps."""
_ENVIRONMENT: Final = 2 << 20
"""Bytes: the most that the kernel passes on to a program."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the kernel keeps it; ``groups`` are its control groups by controller."""

    pid: int
    uid: int
    capabilities: int
    no_new_privs: bool
    seccomp: int
    namespaces: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Root:
    """By what a box is known: its first process, when that began, and its control group if it has its own."""

    pid: int
    began: str | None
    group: cgroup.Group | None


def see(pid: int, proc: Path = PROC) -> Process | None:
    """Look at one process; None if it is gone, or a zombie, which holds nothing any more."""
    folder = proc / str(pid)
    try:
        lines = (folder / "status").read_text("utf-8", "replace").splitlines()
        status = {name: value.strip() for name, _, value in (one.partition(":") for one in lines)}
        groups = (folder / "cgroup").read_text("utf-8", "replace").splitlines()
        if status["State"].startswith(("Z", "X")):
            return None
        return Process(
            pid=pid,
            uid=int(status["Uid"].split()[1]),
            capabilities=int(status["CapEff"], 16),
            no_new_privs=status["NoNewPrivs"] == "1",
            seccomp=int(status["Seccomp"]),
            namespaces=namespaces(pid, proc),
            groups=dict(line.split(":", 2)[1:] for line in groups),
        )
    except (
        OSError,
        LookupError,
        ValueError,
    ):  # a file of a process that ends may be there and empty
        return None


def namespaces(pid: int | str, proc: Path = PROC) -> dict[str, str]:
    """The namespaces of a process, those that this user may see. Raises OSError if it is gone."""
    found, folder = {}, proc / str(pid) / "ns"
    for name in NAMESPACES:
        try:
            found[name] = str((folder / name).readlink())
        except PermissionError:
            continue
    return found


def root(pid: int, proc: Path = PROC) -> Root:
    """Note by what the box is known whose first process is ``pid``.

    A control group that this process is in too is no box's own, and tells nothing.
    """
    group, ours = cgroup.of_process(pid, proc=proc), cgroup.of_process(os.getpid(), proc=proc)
    own = group if group is not None and (ours is None or group.folders != ours.folders) else None
    return Root(pid, start_mark(pid), own)


def members(box: Root, proc: Path = PROC) -> list[int]:
    """All processes of a box that there are now, by descent and by its control group."""
    there = box.began is not None and start_mark(box.pid) == box.began
    found = dict.fromkeys(family(box.pid, proc) if there else ())
    for path in () if box.group is None else box.group.procs:
        try:
            found |= dict.fromkeys(map(int, path.read_text(encoding="ascii").split()))
        except OSError:  # it went with the box
            continue
    return list(found)[:MOST]


def who_runs(pid: int, proc: Path = PROC) -> dict[str, str | None]:
    """The program and the command line of a process, for the record."""
    try:
        program: str | None = str((proc / str(pid) / "exe").readlink())
    except OSError:
        program = None
    words = _read(proc / str(pid) / "cmdline", 4 * COMMAND).rstrip(b"\0").replace(b"\0", b" ")
    return {"program": program, "command": words.decode("utf-8", "replace")[:COMMAND] or None}


def bystanders(proc: Path = PROC) -> dict[int, int]:
    """All processes there are, each with the number that the kernel gave its folder: another has another."""
    with os.scandir(proc) as entries:
        return {int(entry.name): entry.inode() for entry in entries if entry.name.isdecimal()}


def carriers(
    mark: Mark, known: Mapping[int, int], others: frozenset[int], proc: Path = PROC
) -> list[tuple[int, str]]:
    """Processes with a box's mark in their environment or command line, and the box's agent.

    Args:
        mark: of the run's boxes.
        known: bystanders from before the run, which need no second look.
        others: processes that carry it by right.
        proc: where the host's processes are seen.
    """
    found = []
    for pid, inode in bystanders(proc).items():
        if pid in others or known.get(pid) == inode:
            continue
        for part in ("environ", "cmdline"):
            whose = mark.whose(_read(proc / str(pid) / part, _ENVIRONMENT))
            if whose is not None:
                found.append((pid, whose))
                break
    return found


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(most) or b""
    except OSError:  # it has ended, or is another user's
        return b""
