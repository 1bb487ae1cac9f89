"""Who listens for connections in this box, by its own /proc; and one exchange of bytes with such a service."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["exchange", "listening"]

TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
LISTEN: Final = "0A"
MOST: Final = 64
"""Services that are told of."""
PROGRAM: Final = 200
"""Characters of a program's command line."""
READ: Final = 64 << 10


def listening() -> list[dict[str, Any]]:
    """Every listening TCP port but this process's own: ``port``, ``pid`` and ``program``, null if unknown."""
    ports = {port: inode for table in TABLES for port, inode in _listeners(table)}
    ours = _sockets(str(os.getpid()))
    wanted = {inode for inode in ports.values() if inode not in ours}
    holders = _holders(wanted - {"0"})
    found = []
    for port, inode in sorted(ports.items())[:MOST]:
        if inode in wanted:
            pid = holders.get(inode)
            found.append(
                {"port": port, "pid": pid, "program": None if pid is None else _named(pid)}
            )
    return found


def exchange(port: int, data: bytes, *, seconds: float, limit: int) -> tuple[bytes, bool]:
    """Send ``data`` to a port of 127.0.0.1, or else of ::1, and read until the other end closes.

    At most ``limit`` bytes are read, for at most ``seconds``; the second value says whether there was
    more. Raises OSError if nobody listens there.
    """
    deadline = time.monotonic() + seconds
    got = bytearray()
    with _connected(port, seconds) as link:
        try:
            link.sendall(data)
            while len(got) <= limit and (left := deadline - time.monotonic()) > 0:
                link.settimeout(left)
                block = link.recv(READ)
                if not block:
                    return bytes(got), False
                got += block
        except OSError:  # its time is up, or it broke off: what has come is the answer
            return bytes(got[:limit]), True
    return bytes(got[:limit]), True


def _connected(port: int, seconds: float) -> socket.socket:
    try:
        return socket.create_connection(("127.0.0.1", port), seconds)
    except ConnectionRefusedError:
        return socket.create_connection(("::1", port), seconds)


def _listeners(table: str) -> Iterator[tuple[int, str]]:
    for line in _lines(table)[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == LISTEN:
            yield int(fields[1].rpartition(":")[2], 16), fields[9]


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _holders(inodes: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for pid in filter(str.isdigit, _listed("/proc")):
        for inode in inodes & _sockets(pid):
            found.setdefault(inode, int(pid))
    return found


def _sockets(pid: str) -> set[str]:
    """The inodes of the sockets that a process holds."""
    found = set()
    for number in _listed(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _named(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(4 * PROGRAM).replace(b"\0", b" ").strip()
    except OSError:
        return ""
    return words.decode("utf-8", "replace")[:PROGRAM]
