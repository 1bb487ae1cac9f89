"""The bubblewrap command line: what a box sees, may do and may use; as a function of plain values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sandbox
from sandbox.isolation import seccomp
from sandbox.isolation.box import BoxLimits
from sandbox.isolation.guest import Guest
from sandbox.isolation.hole import PLACE, Hole
from sandbox.isolation.layout import GID, HOME, PATH, SOCKETS, UID

__all__ = ["HostTree", "Prepared", "host_tree", "options", "prepared", "rlimits"]

NOFILE: Final = 256
ADDRESS_SPACE: Final = 4 << 30
SHM: Final = 16 << 20
TMP: Final = 64 << 20
AS_FIRST: Final = ("--as-pid-1",)
"""The guest is its box's first process. bwrap's own would be without the guest's filter, and an agent could
make it its own (/proc/1/mem)."""


@dataclass(frozen=True, slots=True)
class HostTree:
    """What a box shows of the host beside /usr: ``links`` and ``folders`` of the root, and what is hidden in /usr."""

    links: tuple[tuple[str, str], ...] = (
        ("usr/bin", "/bin"),
        ("usr/lib", "/lib"),
        ("usr/lib64", "/lib64"),
        ("usr/sbin", "/sbin"),
    )
    folders: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ("/usr/local",)


def host_tree(
    root: Path = Path("/"), house: Path = Path(sandbox.__file__).parent.parent
) -> HostTree:
    """Look at how this host's programs lie; ``house`` is where this package is installed.

    /usr/local and /usr/src are hidden, as is the house if it is below /usr: no file of it is in any box.
    """
    links, folders = [], []
    for name in ("bin", "lib", "lib64", "sbin"):
        place = root / name
        if place.is_symlink():
            links.append((str(place.readlink()), f"/{name}"))
        elif place.is_dir():
            folders.append(f"/{name}")
    hidden = [f"/usr/{name}" for name in ("local", "src") if (root / "usr" / name).is_dir()]
    if house.is_relative_to("/usr") and not any(house.is_relative_to(place) for place in hidden):
        hidden.append(str(house))
    return HostTree(tuple(links), tuple(folders), tuple(hidden))


def options(
    *,
    guest: Guest,
    folder: Path,
    limits: BoxLimits,
    host: HostTree,
    filter_fd: int,
    status_fd: int,
    hole: Hole | None = None,
) -> list[str]:
    """Write bwrap's options: everything before the ``--`` and the guest's own command.

    ``folder`` is mounted read-only: connecting to a socket does not need more, and so the box can neither
    replace its sockets nor fill the host's disk.
    """
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--assert-userns-disabled"),
        *("--uid", str(UID), "--gid", str(GID), "--hostname", "agent"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *(
            "--clearenv",
            "--setenv",
            "PATH",
            PATH,
            "--setenv",
            "HOME",
            HOME,
            "--setenv",
            "LANG",
            "C.UTF-8",
        ),
        *("--ro-bind", "/usr", "/usr"),
        *(word for place in host.hidden for word in ("--tmpfs", place, "--remount-ro", place)),
        *(word for target, place in host.links for word in ("--symlink", target, place)),
        *(word for place in host.folders for word in ("--ro-bind", place, place)),
        *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
        # bwrap leaves the files in /proc/sys writable for whoever is root outside.
        *("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"),
        # Its /dev is writable and without a size.
        *("--dev", "/dev", "--remount-ro", "/dev", "--size", str(SHM), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the box
        *("--perms", "1777", "--size", str(TMP), "--tmpfs", "/tmp"),  # noqa: S108 - inside the box
        *("--dir", "/home", "--perms", "0700", "--size", str(limits.disk), "--tmpfs", HOME),
        *("--ro-bind", str(guest.folder / "opt"), "/opt"),
        *("--ro-bind", str(folder), SOCKETS),
        *(() if hole is None else ("--bind", str(hole.source), PLACE)),
        *("--remount-ro", "/", "--chdir", HOME),
        # Without a filter of ours bwrap has none at all.
        *("--seccomp", str(filter_fd), "--json-status-fd", str(status_fd)),
    ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command to start, and the descriptors that it inherits; ``status`` tells of the box's first process."""

    argv: list[str]
    options: list[str]
    pass_fds: tuple[int, ...]
    status: int


@contextmanager
def prepared(
    inside: Sequence[str],
    *,
    bwrap: Path,
    guest: Guest,
    folder: Path,
    limits: BoxLimits,
    hole: Hole | None = None,
    supervised: bool = False,
) -> Iterator[Prepared]:
    """Make ready to run ``inside`` in a box on this host; ``status`` is the caller's to close.

    In a ``supervised`` box ``inside`` takes on the filter that asks, and bwrap's leaves it what it asks about.

    The options go in by a file in memory: on the command line the agent would read them in /proc/1.
    """
    filter_fd = seccomp.memfd(os.uname().machine, "leave" if supervised else "no")
    options_fd = os.memfd_create("options", os.MFD_CLOEXEC)
    status, status_fd = os.pipe()
    try:
        words = options(
            guest=guest,
            folder=folder,
            limits=limits,
            host=host_tree(),
            filter_fd=filter_fd,
            status_fd=status_fd,
            hole=hole,
        )
        if supervised:
            words += AS_FIRST
        os.write(options_fd, b"".join(os.fsencode(word) + b"\0" for word in words))
        os.lseek(options_fd, 0, os.SEEK_SET)
        argv = [str(bwrap), "--args", str(options_fd), "--", *inside]
        yield Prepared(argv, words, (filter_fd, options_fd, status_fd), status)
    finally:
        for descriptor in (filter_fd, options_fd, status_fd):
            os.close(descriptor)


def rlimits(limits: BoxLimits, *, uid: int | None, kernel: str) -> dict[str, int]:
    """What the shim takes on. Memory is bounded per process only.

    Processes are counted per user: over all of a person's, before Linux 5.14 counted them per
    namespace, so there they are limited only if the box has a user of its own.
    """
    found = {"nofile": NOFILE, "fsize": limits.disk, "as": ADDRESS_SPACE, "data": limits.memory}
    major, minor = (int(number) for number in kernel.split(".")[:2])
    if uid is not None or (major, minor) >= (5, 14):
        found["nproc"] = limits.pids
    return found
