"""What a process can say of its own box: rights, limits, interfaces, use. The box's word, not evidence."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

__all__ = ["report", "usage"]

STATUS: Final = frozenset({
    "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters",
})  # fmt: skip


def report() -> dict[str, Any]:
    """Say what this process may do; on Linux from /proc, elsewhere without capabilities and interfaces."""
    import resource

    limits = {
        name.lower(): resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1]
        for name in ("NPROC", "NOFILE", "FSIZE", "AS", "DATA", "CORE")
    }
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "gid": os.getgid(),
        "groups": os.getgroups(),
        "limits": limits,
        "status": _status(),
        "interfaces": _interfaces(),
    }


def usage(*, whole_box: bool, home: str) -> dict[str, Any]:
    """Add up what is in use: bytes resident, CPU seconds, processes, bytes in the file system of ``home``.

    Without ``whole_box`` only this process and what it started counts: in tier ``none``
    /proc shows the whole machine. Without /proc it is this process alone.
    """
    space = os.statvfs(home)
    disk = (space.f_blocks - space.f_bfree) * space.f_frsize
    processes = _processes()
    if processes is None:
        return {**_own_usage(), "disk": disk}
    mine = set(processes) if whole_box else _family(processes, os.getpid())
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return {
        "memory": sum(processes[pid][2] for pid in mine) * page,
        "cpu_seconds": sum(processes[pid][1] for pid in mine) / ticks,
        "pids": len(mine),
        "disk": disk,
    }


def _status() -> dict[str, str]:
    found = {}
    for line in _read("/proc/self/status").splitlines():
        name, _, value = line.partition(":")
        if name in STATUS:
            found[name] = value.strip()
    return found


def _interfaces() -> list[str] | None:
    # Not socket.if_nameindex: it asks by netlink, which a box denies.
    lines = _read("/proc/self/net/dev").splitlines()[2:]
    return sorted(line.partition(":")[0].strip() for line in lines) or None


def _read(path: str) -> str:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _processes() -> dict[int, tuple[int, int, int]] | None:
    """Every process that /proc shows: parent, CPU ticks with those of its dead children, pages resident."""
    try:
        with os.scandir("/proc") as entries:
            names = [entry.name for entry in entries if entry.name.isdigit()]
    except FileNotFoundError:
        return None
    found = {}
    for name in names:
        # The program's name, in parentheses, may hold anything; the numbers start behind the last one.
        fields = _read(f"/proc/{name}/stat").rpartition(")")[2].split()
        if len(fields) > 21:
            found[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])), int(fields[21]))
    return found


def _family(processes: dict[int, tuple[int, int, int]], root: int) -> set[int]:
    family, before = {root}, 0
    while len(family) != before:
        before = len(family)
        family |= {pid for pid, (parent, _, _) in processes.items() if parent in family}
    return family & set(processes)


def _own_usage() -> dict[str, Any]:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    # The largest so far, and in kilobytes except on macOS: there is nothing better without /proc.
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "memory": used.ru_maxrss * scale,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "pids": 1,
    }
