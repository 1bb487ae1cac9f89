"""A shell at a terminal of its own in the box, for the operator; an agent's process never loads it.

``python3 -I -S .../terminal.py SOCKET TERM [PROGRAM ...]`` connects to the house. From there come frames:
one byte of kind, two of length, and either what was typed (``d``) or rows and columns (``s``, two bytes
each). What the terminal shows goes back as it is. The exit code is the program's.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import socket
import struct
import sys
import termios
from collections.abc import Sequence
from typing import Final

__all__ = ["main"]

READ: Final = 16 << 10
TYPED_MOST: Final = 64 << 10
"""Bytes that may wait for the program to read them; meanwhile the house waits."""
GLANCE: Final = 0.1
"""Seconds between looks whether the program has ended: what it left behind may hold the terminal open."""
HEADER: Final = struct.Struct(">cH")
SHELLS: Final = (["/bin/bash", "--noprofile", "--norc"], ["/bin/sh"])
"""Without the files of the folder's owner that a shell would run at its start."""


def main(argv: Sequence[str]) -> int:
    """Run the program to its end."""
    path, term, *program = argv
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    pid, terminal = pty.fork()
    if pid == 0:
        _become(program, term)
    os.set_blocking(terminal, False)
    return _Session(link, terminal, pid).run()


def _become(program: Sequence[str], term: str) -> None:
    env = {**os.environ, "TERM": term, "HISTFILE": "/dev/null", "INPUTRC": "/dev/null"}
    argv = program or next(shell for shell in SHELLS if os.path.exists(shell[0]))
    try:
        os.execvpe(argv[0], list(argv), env)  # noqa: S606 - that is what it is for
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\r\n")
        sys.stderr.flush()
        os._exit(127)


class _Session:
    """One program, its terminal, and the house."""

    def __init__(self, link: socket.socket, terminal: int, pid: int) -> None:
        self._link = link
        self._terminal = terminal
        self._pid = pid
        self._received = bytearray()
        self._typed = bytearray()

    def run(self) -> int:
        """Pass everything on until the program has ended, or the house hangs up."""
        while True:
            reads = [self._terminal]
            if len(self._typed) < TYPED_MOST:
                reads.append(self._link.fileno())
            writes = [self._terminal] if self._typed else []
            readable, writable, _ = select.select(reads, writes, [], GLANCE)
            ended, status = os.waitpid(self._pid, os.WNOHANG)
            if self._terminal in readable:
                self._show()
            if ended:
                while self._show():
                    continue
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if writable:
                self._type()
            if self._link.fileno() in readable and not self._hear():
                return 129  # nobody is there any more; as after SIGHUP

    def _show(self) -> bool:
        try:
            data = os.read(self._terminal, READ)
        except OSError:  # nobody has it open, or there is nothing now
            return False
        self._link.sendall(data)
        return bool(data)

    def _type(self) -> None:
        try:
            del self._typed[: os.write(self._terminal, self._typed[:READ])]
        except BlockingIOError:
            return  # less room than it seemed

    def _hear(self) -> bool:
        data = self._link.recv(READ)
        self._received += data
        while len(self._received) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._received)
            end = HEADER.size + length
            if len(self._received) < end:
                break
            body = bytes(self._received[HEADER.size : end])
            del self._received[:end]
            if kind == b"s":
                rows, columns = struct.unpack(">HH", body)
                size = struct.pack("HHHH", rows, columns, 0, 0)
                fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)
            else:
                self._typed += body
        return bool(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
