"""Who made a call that waits for its answer, as the host's /proc shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["COMMAND", "NOBODY", "Caller", "caller", "is_child"]

COMMAND: Final = 1000
"""Bytes of a command line, and of a program's path."""
STATUS: Final = 4096


@dataclass(frozen=True, slots=True)
class Caller:
    """The program that runs in a process, and its command line; None for what cannot be seen."""

    program: str | None
    command: str | None


NOBODY: Final = Caller(None, None)


def caller(pid: int, proc: Path = Path("/proc")) -> Caller:
    """Look at a process; only ``notification.stands`` says afterwards whether it was that one."""
    folder = proc / str(pid)
    try:
        program: str | None = _plain(bytes(folder.joinpath("exe").readlink())[:COMMAND])
    except OSError:
        program = None
    try:
        with (folder / "cmdline").open("rb") as file:
            command: str | None = _plain(file.read(COMMAND).rstrip(b"\0").replace(b"\0", b" "))
    except OSError:
        command = None
    return Caller(program, command)


def is_child(target: int, pid: int, proc: Path = Path("/proc")) -> bool:
    """Whether the process ``target``, as the box of ``pid`` numbers it, was started by the process of ``pid``."""
    try:
        folder = proc / str(pid)
        own = _number(folder / "status", b"NStgid:")
        # As the box sees it: a kernel's own file, in a place where nobody in a box can lay another.
        return _number(folder / "root/proc" / str(target) / "status", b"PPid:") == own
    except (OSError, ValueError):
        return False


def _number(status: Path, name: bytes) -> int:
    """The last number of a line. Raises ValueError if there is no such line."""
    with status.open("rb") as file:
        for line in file.read(STATUS).splitlines():
            if line.startswith(name):
                return int(line.split()[-1])
    raise ValueError(name)


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace")
