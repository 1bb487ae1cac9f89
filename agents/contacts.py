"""Whom a box with a network interface reaches: for a Pod, whose network is cut by a policy that may not hold.

Each probe is one connection, or one question for a name, to an address where somebody is known or
likely to listen. All run at once; nothing is sent on a connection that comes about.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import time
from typing import Final

__all__ = ["contacts"]

SECONDS: Final = 1.5
"""For all together; enough for one packet that is lost and sent again after a second."""
ELSEWHERE: Final = (("169.254.169.254", 80), ("1.1.1.1", 53))
KUBELET: Final = 10250
_QUESTION: Final = (
    b"\x42\x52\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01"
)


def contacts(route: str = "/proc/self/net/route") -> dict[str, str]:
    """Try them all: ``done`` where somebody answers, else the error, ``silence`` past the time.

    The API server's address, which kubelet puts into every Pod's environment, is there as ``api``:
    it listens for sure, so that its silence says that the policy holds.
    """
    host, port = (
        os.environ.get("KUBERNETES_SERVICE_HOST"),
        os.environ.get("KUBERNETES_SERVICE_PORT"),
    )
    targets = [(f"{address}:{number}", address, number) for address, number in ELSEWHERE]
    if host and port and port.isdecimal():
        targets.append(("api", host, int(port)))
        if (
            ":" not in host
        ):  # by custom, the cluster's names are served ten addresses into its range
            targets.append(("dns", host.rpartition(".")[0] + ".10", 53))
    if (gateway := _gateway(route)) is not None:
        targets.append(("kubelet", gateway, KUBELET))
    return _tried(targets)


def _tried(targets: list[tuple[str, str, int]]) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    waiting: dict[socket.socket, str] = {}
    try:
        for name, host, port in targets:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            kind = socket.SOCK_DGRAM if name == "dns" else socket.SOCK_STREAM
            try:
                link = socket.socket(family, kind)
            except OSError as error:
                outcomes[name] = _word(error.errno or 0)
                continue
            waiting[link] = name
            link.setblocking(False)
            code = link.connect_ex((host, port))
            if code == 0 and kind == socket.SOCK_DGRAM:
                code = _asked(link)
            if code not in {0, errno.EINPROGRESS}:
                outcomes[name] = _word(code)
                del waiting[link]
                link.close()
        _await(waiting, outcomes)
    finally:
        for link in waiting:
            link.close()
    return outcomes


def _await(waiting: dict[socket.socket, str], outcomes: dict[str, str]) -> None:
    deadline = time.monotonic() + SECONDS
    left = dict(waiting)
    while left and (seconds := deadline - time.monotonic()) > 0:
        streams = [link for link in left if link.type == socket.SOCK_STREAM]
        others = [link for link in left if link.type != socket.SOCK_STREAM]
        readable, writable, _ = select.select(others, streams, [], seconds)
        for link in (*readable, *writable):
            outcomes[left.pop(link)] = _word(link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    for name in left.values():
        outcomes[name] = "silence"


def _asked(link: socket.socket) -> int:
    try:
        link.send(_QUESTION)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _word(code: int) -> str:
    return "done" if code == 0 else errno.errorcode.get(code, str(code))


def _gateway(route: str) -> str | None:
    """The address that leads out, by the kernel's table: of a Pod it is often its node."""
    try:
        with open(route, encoding="ascii", errors="replace") as file:
            rows = [line.split() for line in file.read(1 << 16).splitlines()[1:]]
    except OSError:
        return None
    for row in rows:
        if len(row) > 2 and row[1] == "00000000" and row[2] != "00000000":
            return socket.inet_ntoa(struct.pack("=I", int(row[2], 16)))
    return None
