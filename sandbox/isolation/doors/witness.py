"""Who is at a door, by the word of the host's kernel: never by what it says of itself.

A Unix socket tells the process that connected (SO_PEERCRED); the host's /proc tells that process' mount
namespace, program and command line. Where the guest's own loopback port leads here, the process behind it
is found by the box's table of TCP connections, which the host can read too. A box with a kernel of its own
(gVisor) connects by a process of that kernel: then the box is named, not a process in it.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.isolation.witness import family

__all__ = ["Inhabited", "Peer", "peer_of", "who"]

_SO_PEERPIDFD: Final = 77
"""Linux 6.5 and newer; the socket module has no name for it."""

COMMAND: Final = 1000
"""Characters of a command line."""
CLIENTS: Final = 4
"""Processes behind a loopback port that are named, where several are there at once."""
ESTABLISHED: Final = "01"
LISTEN: Final = "0A"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who connected, as the kernel wrote it down then. ``pid`` is 0 where it cannot be seen from here.

    ``handle`` is that very process' pidfd, or -1: a number can be given to another process, this cannot.
    """

    pid: int
    uid: int
    handle: int = -1

    def ended(self) -> bool:
        """Whether the process is known to be gone, and its number free for another."""
        if self.handle < 0:
            return False
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Let go of the process."""
        if self.handle >= 0:
            os.close(self.handle)


@dataclass(frozen=True, slots=True)
class Inhabited:
    """What is known of the box that a door belongs to: its first process, and whose kernel it has."""

    pid: int | None = None
    own_kernel: bool = False


def peer_of(link: socket.socket) -> Peer | None:
    """Ask the kernel who connected; None where it does not tell (not on Linux). Close it in the end."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
    pid, uid, _ = struct.unpack("iII", told)
    try:
        handle = link.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError:  # an older kernel, or a process that is gone already
        handle = -1
    return Peer(pid, uid, handle)


def who(
    peer: Peer | None, box: Inhabited, port: int | None = None, proc: Path = Path("/proc")
) -> dict[str, Any]:
    """Name whoever is at a door, for the record.

    Args:
        peer: who connected.
        box: whose door it is.
        port: of the loopback inside that leads to this door.
        proc: where the host's processes are seen.

    Returns:
        ``names`` is ``process`` or ``box``. A process has ``pid`` on the host, ``uid``, ``in_box`` (the same
        mount namespace as the box; None if it cannot be told), ``program`` and ``command``; or ``ended``, if
        it was gone before it could be looked at. ``via`` is ``loopback`` where the guest's port was used;
        ``clients`` are then the processes at its other end.
    """
    if peer is None or peer.pid == 0 or box.own_kernel:
        return {"names": "box"}
    named = {"names": "process", "pid": peer.pid, "uid": peer.uid}
    found = named | _process(peer.pid, box, proc)
    if port is not None and _holds(peer.pid, _inodes(peer.pid, port, LISTEN, proc), proc):
        clients = _clients(peer.pid, port, box, proc)
        found |= {"via": "loopback", "clients": [_process(pid, box, proc) for pid in clients]}
    # Looked at last: what was read before is of this process, and of no other that got its number.
    return named | {"ended": True} if peer.ended() else found


def _process(pid: int, box: Inhabited, proc: Path) -> dict[str, Any]:
    mounts = _link(proc / str(pid) / "ns/mnt")
    boxed = None if box.pid is None else _link(proc / str(box.pid) / "ns/mnt")
    return {
        "pid": pid,
        "in_box": None if mounts is None or boxed is None else mounts == boxed,
        "program": _link(proc / str(pid) / "exe"),
        "command": _command(proc / str(pid) / "cmdline"),
    }


def _clients(forwarder: int, port: int, box: Inhabited, proc: Path) -> list[int]:
    """The processes of the box that hold a connection to this port."""
    inodes = _inodes(forwarder, port, ESTABLISHED, proc)
    candidates = family(box.pid, proc) if box.pid is not None and inodes else []
    return [pid for pid in candidates if pid != forwarder and _holds(pid, inodes, proc)][:CLIENTS]


def _inodes(pid: int, port: int, state: str, proc: Path) -> set[str]:
    """Sockets in the table of ``pid``: that listen on the port, or whose other end it is."""
    try:
        lines = (proc / str(pid) / "net/tcp").read_text(encoding="ascii").splitlines()[1:]
    except (OSError, ValueError):
        return set()
    rows = (fields for line in lines if len(fields := line.split()) > 9)
    column = 1 if state == LISTEN else 2
    return {row[9] for row in rows if row[3] == state and row[column].endswith(f":{port:04X}")}


def _holds(pid: int, inodes: set[str], proc: Path) -> bool:
    return bool(inodes) and any(inode in inodes for inode in _sockets(proc / str(pid) / "fd"))


def _sockets(folder: Path) -> Iterator[str]:
    try:
        handles = list(folder.iterdir())
    except OSError:
        return
    for handle in handles:
        target = _link(handle) or ""
        if target.startswith("socket:["):
            yield target[8:-1]


def _link(path: Path) -> str | None:
    try:
        return str(path.readlink())[:COMMAND]
    except OSError:
        return None  # it has ended, or is another user's


def _command(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            words = file.read(COMMAND)
    except OSError:
        return None
    return words.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
