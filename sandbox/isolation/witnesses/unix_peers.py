"""Who is connected to a Unix socket, by the kernel's table of such sockets, in the network namespace of a box.

Both ends of a connection are in the namespace of whoever connected, whichever process listens. So a
connection that is in a box's namespace was made from that box. Source: ``sock_diag(7)`` of Linux.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Listener", "Peers", "listener_at", "within_reach"]

_SOCK_DIAG: Final = 4
_BY_FAMILY: Final = 20
_DUMP: Final = 0x301
_ERROR, _DONE = 2, 3
_ESTABLISHED: Final = 1 << 1
_SHOW_VFS, _SHOW_PEER = 2, 4
_VFS, _PEER = 1, 2
_NEW_NETWORK: Final = 0x40000000
_HEAD: Final = struct.Struct("=IHHII")
_REQUEST: Final = struct.Struct("=BBHIIIII")
_ATTRIBUTE: Final = struct.Struct("=HH")
_PAIR: Final = struct.Struct("=II")
READ: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens, as its file is known to the kernel; ``path`` is where this process sees it."""

    path: Path
    device: int
    inode: int


def listener_at(path: Path) -> Listener | None:
    """The socket at a path; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Listener(path.resolve(), found.st_dev, found.st_ino)


def within_reach(pid: int, listener: Listener, proc: Path = Path("/proc")) -> bool:
    """Whether a file system is mounted for a process in which it could find the socket; False if it is gone."""
    try:
        theirs = _mounts(proc / str(pid) / "mountinfo")
        ours = _mounts(proc / "self/mountinfo")
    except OSError:
        return False
    device = f"{os.major(listener.device)}:{os.minor(listener.device)}"
    path = str(listener.path)
    above = [m for m in ours if m[0] == device and _below(path, m[2])]
    if not above:
        return False
    _, root, point = max(above, key=lambda mount: len(mount[2]))
    inside = f"{root.rstrip('/')}/{path[len(point.rstrip('/')) :].lstrip('/')}"
    return any(each[0] == device and _below(inside, each[1]) for each in theirs)


def _mounts(path: Path) -> list[tuple[str, str, str]]:
    """Device, root in its file system, and place of every mount."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [(words[2], words[3], words[4]) for line in lines if len(words := line.split()) > 4]


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


class Peers:
    """The connections of one network namespace to one listener. Close it in the end.

    Args:
        pid: a process in that namespace; None is this one's.
        listener: who is connected to.

    Raises:
        OSError: the kernel has no such table, or this user may not look there.
    """

    def __init__(self, pid: int | None, listener: Listener) -> None:
        # As the kernel writes it down: 12 bits of major number, 20 of minor.
        device = os.major(listener.device) << 20 | os.minor(listener.device)
        self._wanted = (listener.inode & 0xFFFFFFFF, device)
        self._link = _netlink() if pid is None else _netlink_in(pid)

    def connected(self) -> set[int]:
        """The inodes of the clients' sockets, as ``/proc/PID/fd`` shows them. Raises OSError."""
        request = _REQUEST.pack(socket.AF_UNIX, 0, 0, _ESTABLISHED, 0, _SHOW_VFS | _SHOW_PEER, 0, 0)
        self._link.send(_HEAD.pack(_HEAD.size + len(request), _BY_FAMILY, _DUMP, 1, 0) + request)
        found: set[int] = set()
        while True:
            data, at = self._link.recv(READ), 0
            while at < len(data):
                size, kind, _, _, _ = _HEAD.unpack_from(data, at)
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    number = -struct.unpack_from("=i", data, at + _HEAD.size)[0]
                    raise OSError(number, os.strerror(number))
                peer = self._peer(data[at + _HEAD.size : at + size])
                if peer is not None:
                    found.add(peer)
                at += (size + 3) & ~3

    def close(self) -> None:
        """Look no more; may be called twice."""
        self._link.close()

    def _peer(self, message: bytes) -> int | None:
        told = dict(_attributes(message[16:]))
        if _VFS not in told or _PEER not in told or _PAIR.unpack(told[_VFS]) != self._wanted:
            return None
        return int(struct.unpack("=I", told[_PEER])[0])


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        size, kind = _ATTRIBUTE.unpack_from(data, at)
        if size < _ATTRIBUTE.size:
            return
        yield kind, data[at + _ATTRIBUTE.size : at + size]
        at += (size + 3) & ~3


def _netlink() -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG)


def _netlink_in(pid: int) -> socket.socket:
    """A socket of another process' network namespace, where it stays: a thread goes there to make it, and ends."""
    made: list[socket.socket | OSError] = []

    def go() -> None:
        libc = ctypes.CDLL(None, use_errno=True)  # os.setns is of Python 3.12
        try:
            handle = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if libc.setns(handle, _NEW_NETWORK) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
            finally:
                os.close(handle)
            made.append(_netlink())
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=go, name="network namespace", daemon=True)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]
