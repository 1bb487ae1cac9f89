"""What the host's /proc shows of a box: each of its processes, by the kernel's word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["NAMESPACES", "Seen", "family", "look"]

NAMESPACES: Final = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
MOST: Final = 4096
"""Processes of one box that are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One process of a box. ``shared`` names the namespaces that it has in common with this process."""

    pid: int
    uid: int
    capabilities: int
    no_new_privs: bool
    seccomp: int
    filters: int | None
    """How many seccomp filters it has; None before Linux 5.9, which does not say."""
    shared: tuple[str, ...]


def look(first: int, proc: Path = Path("/proc")) -> list[Seen]:
    """Look at a process and all its descendants; those that end meanwhile are left out."""
    ours = _namespaces(proc / "self")
    return [seen for pid in family(first, proc) if (seen := _look(pid, ours, proc)) is not None]


def family(first: int, proc: Path = Path("/proc")) -> list[int]:
    """The process ``first`` and its descendants, oldest first; empty if it is gone."""
    found, at = [first] if (proc / str(first)).is_dir() else [], 0
    while at < len(found) < MOST:
        found += _children(found[at], proc)
        at += 1
    return found


def _children(pid: int, proc: Path) -> Iterator[int]:
    try:
        for task in (proc / str(pid) / "task").iterdir():
            yield from map(int, (task / "children").read_text(encoding="ascii").split())
    except OSError:
        return


def _look(pid: int, ours: dict[str, str], proc: Path) -> Seen | None:
    folder = proc / str(pid)
    try:
        lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
        theirs = _namespaces(folder)
    except OSError:
        return None
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Seen(
        pid=pid,
        uid=int(status["Uid"].split()[1]),
        capabilities=int(status["CapEff"], 16),
        no_new_privs=status["NoNewPrivs"] == "1",
        seccomp=int(status["Seccomp"]),
        filters=int(status["Seccomp_filters"]) if "Seccomp_filters" in status else None,
        shared=tuple(name for name in NAMESPACES if theirs.get(name) == ours.get(name)),
    )


def _namespaces(folder: Path) -> dict[str, str]:
    found = {}
    for name in NAMESPACES:
        try:
            found[name] = str((folder / "ns" / name).readlink())
        except PermissionError:
            continue  # another user's process: what cannot be seen is not called shared
    return found
