"""What a box is, looked at from inside: reads, and probes of one system call each that must all fail.

The probes open for writing and never write, so that a hole does no harm. The house judges what comes
of them, beside what it sees from outside; this is the box's word.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from typing import Any, Final

__all__ = ["look"]

NAMESPACES: Final = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
DEVICE_FOLDERS: Final = ("/dev", "/dev/mapper", "/dev/disk")
WRITE: Final = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/drop_caches",
    "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/release_agent",
)
"""Files that would be a way out if they could be opened for writing."""
READ: Final = ("/proc/kcore", "/proc/1/root/etc/shadow", "/etc/shadow", "/dev/mem", "/dev/kmsg")
FOLDERS: Final = ("/", "/usr", "/etc", "/opt", "/run/backrooms", "/proc", "/sys", "/sys/fs/cgroup")
"""Folders in which nothing may be made."""
FAMILIES: Final = {"netlink": 16, "packet": 17, "alg": 38, "vsock": 40}
_NUMBERS: Final = {  # x86-64, and all newer machines
    "bpf": (321, 280, (0, 0, 0)),
    "io_uring_setup": (425, 425, (1, 0)),
    "keyctl": (250, 219, (0, -3, 0)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "open_by_handle_at": (304, 265, (-1, 0, 0)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "ptrace": (101, 117, (2, 1, 0, 0)),
    "setns": (308, 268, (-1, 0)),
    "unshare user": (272, 97, (0x1000_0000,)),
    "unshare mount": (272, 97, (0x0002_0000,)),
    "userfaultfd": (323, 282, (0,)),
}
WRITABLE: Final = ("/dev/shm", "/home/agent", "/run", "/tmp", "/var/tmp")  # noqa: S108 - inside the box
ADDRESSES: Final = (("169.254.169.254", 80), ("172.17.0.1", 2375), ("1.1.1.1", 53))


def look(nonce: str, *, noexec: bool = False) -> dict[str, Any]:
    """Report on this process and its surroundings, and probe; ``nonce`` marks the report as asked for.

    With ``noexec`` it also tries whether a program can be started from a place that can be written.
    """
    starts = {path: _outcome(_starts(path, nonce)) for path in WRITABLE} if noexec else {}
    return {
        "nonce": nonce,
        "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
        "groups": os.getgroups(),
        "status": _status(),
        "kernel": os.uname().version,
        "profile": _text("/proc/self/attr/current").strip("\0\n "),
        "namespaces": {name: _link(f"/proc/self/ns/{name}") for name in NAMESPACES},
        "mounts": _mounts(),
        "devices": _devices(),
        "sockets": _sockets(),
        "environment": sorted(os.environ),
        "interfaces": _interfaces(),
        "pids": sum(name.isdigit() for name in _listed("/proc")),
        "write": {path: _outcome(_opens(path, os.O_WRONLY)) for path in WRITE},
        "read": {path: _outcome(_opens(path, os.O_RDONLY)) for path in READ},
        "make": {path: _outcome(_makes(path, nonce)) for path in FOLDERS},
        "start": starts,
        "calls": _calls(nonce),
        "families": {name: _outcome(_speaks(number)) for name, number in FAMILIES.items()},
        "connect": {f"{host}:{port}": _outcome(_reaches(host, port)) for host, port in ADDRESSES},
    }


def _outcome(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error.errno))
    return "done"


def _opens(path: str, how: int) -> Callable[[], None]:
    return lambda: os.close(os.open(path, how | os.O_NONBLOCK | os.O_CLOEXEC))


def _makes(folder: str, nonce: str) -> Callable[[], None]:
    def attempt() -> None:
        place = f"{folder.rstrip('/')}/selfcheck-{nonce}"
        os.mkdir(place)
        os.rmdir(place)

    return attempt


def _starts(folder: str, nonce: str) -> Callable[[], None]:
    def attempt() -> None:
        path = f"{folder}/selfcheck-{nonce}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700))
        try:
            # Empty, it is no program: where it could be started that is found out, and nothing runs.
            os.waitpid(os.posix_spawn(path, [path], {}), 0)
        finally:
            os.unlink(path)

    return attempt


def _speaks(family: int) -> Callable[[], None]:
    return lambda: socket.socket(family, socket.SOCK_RAW if family != 40 else 1).close()


def _reaches(host: str, port: int) -> Callable[[], None]:
    def attempt() -> None:
        # A datagram socket is connected without a packet: it asks for the route, and waits for nobody.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.connect((host, port))

    return attempt


def _calls(nonce: str) -> dict[str, str]:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    column = 0 if os.uname().machine == "x86_64" else 1
    outcomes = {}
    # Of what would be mounted nothing is said but the flags: by them the call is known again outside.
    drill = {"mount": (0, 0, 0, int(nonce, 16), 0)}
    for name, (*numbers, arguments) in _NUMBERS.items():
        ctypes.set_errno(0)
        given = map(ctypes.c_long, drill.get(name, arguments))
        done = libc.syscall(numbers[column], *given) >= 0
        outcomes[name] = "done" if done else errno.errorcode.get(ctypes.get_errno(), "?")
    return outcomes


def _status() -> dict[str, str]:
    wanted = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
    found = {}
    for line in _text("/proc/self/status").splitlines():
        name, _, value = line.partition(":")
        if name.startswith(wanted):
            found[name] = value.strip()
    return found


def _mounts() -> list[list[str]]:
    """Where something is mounted, how, from what kind of file system and which source or part of it."""
    found = []
    for line in _text("/proc/self/mountinfo").splitlines()[:200]:
        before, _, behind = line.partition(" - ")
        fields, kind = before.split(" "), behind.split(" ")
        shared = " ".join(word for word in fields[6:] if word.startswith("shared:"))
        how = ",".join(
            word for word in fields[5].split(",") if word in {"ro", "rw", "nosuid", "nodev"}
        )
        found.append([fields[4], how, kind[0], kind[1] if len(kind) > 1 else "", fields[3], shared])
    return found


def _devices() -> list[str]:
    """Every device in /dev, by name."""
    found = []
    for folder in DEVICE_FOLDERS:
        for name in _listed(folder):
            path = f"{folder}/{name}"
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if stat.S_ISBLK(mode) or stat.S_ISCHR(mode):
                found.append(path)
    return sorted(found)[:200]


def _sockets() -> list[str]:
    """Every socket file in the folders where engines and houses keep theirs."""
    found = []
    for folder in ("/run", "/var/run", "/run/backrooms", "/run/docker", "/run/containerd", "/tmp"):  # noqa: S108 - looked into
        for name in _listed(folder):
            path = f"{folder}/{name}"
            try:
                if stat.S_ISSOCK(os.lstat(path).st_mode):
                    found.append(path)
            except OSError:
                continue
    return sorted(found)[:200]


def _interfaces() -> list[str]:
    lines = _text("/proc/self/net/dev").splitlines()[2:]
    return sorted(line.partition(":")[0].strip() for line in lines)


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _text(path: str) -> str:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20)
    except OSError:
        return ""
