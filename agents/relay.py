"""The sockets of a box to which no folder can be lent: offered here, carried over standard input and output.

In a Pod the house runs it beside the guest: ``python3 -I -S .../agents/relay.py --sockets FOLDER
--doors NAME,...``, with a seccomp ``--filter BASE64`` to take on first. It makes a socket of each name
in the folder. One connection is taken at ``control.sock``, any number at the others,
``agents.mux.MOST`` at a time. It ends with its standard input, and the guest, hung up on, with it.
"""

from __future__ import annotations

import binascii
import os
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final

if not __package__:  # started as a file: its package is found from beside it
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from agents import mux

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Relay", "main"]

IN, OUT = 0, 1
CONTROL: Final = "control.sock"
READ: Final = 64 << 10
BACKLOG: Final = 8


def main(argv: Sequence[str]) -> int:
    """Relay until standard input ends; returns the exit code, 1 for a fault, 2 for a command line that cannot be."""
    given = dict(zip(argv[::2], argv[1::2], strict=False))
    needed = {"--sockets", "--doors"}
    if len(argv) % 2 or needed - given.keys() or given.keys() - needed - {"--filter"}:
        sys.stderr.write(
            "relay: usage: relay.py --sockets FOLDER --doors NAME,... [--filter BASE64]\n"
        )
        return 2
    try:
        if "--filter" in given:
            from agents.confine import confine

            confine(binascii.a2b_base64(given["--filter"]))
        relay = Relay(given["--sockets"], given["--doors"].split(","))
        while relay.step():
            pass
    except (OSError, ValueError) as error:
        sys.stderr.write(f"relay: {type(error).__name__}: {error}\n")
        return 1
    return 0


class _Line:
    """One connection of the box, and what it has not yet taken."""

    def __init__(self, link: socket.socket) -> None:
        link.setblocking(False)
        self.link = link
        self.unsent = bytearray()
        self.over = False


class Relay:
    """The sockets in a folder and the stream to the house; ``step`` until it says False."""

    def __init__(self, folder: str, doors: Sequence[str]) -> None:
        self._mux = mux.Mux(doors, inside=True)
        self._folder = folder
        self._unsent = b""
        self._lines: dict[int, _Line] = {}
        # The guest is started as soon as the control socket is there: it must find the others.
        ordered = sorted(doors, key=lambda door: door == CONTROL)
        self._doors = {_listen(folder, door): door for door in ordered}
        os.set_blocking(IN, False)
        os.set_blocking(OUT, False)

    def step(self) -> bool:
        """Wait for the next thing to happen, and deal with it; False when the house has gone."""
        lines, room = self._lines, len(self._lines) < mux.MOST > self._mux.open_channels
        listeners = [*self._doors] if room else []
        reads: list[int | socket.socket] = [IN, *listeners]
        reads += [line.link for number, line in lines.items() if self._mux.room(number)]
        writes: list[int | socket.socket] = [OUT] if self._unsent or self._mux.waiting else []
        writes += [line.link for line in lines.values() if line.unsent]
        readable, writable, _ = select.select(reads, writes, [])
        if OUT in writable:
            self._write()
        if IN in readable and not self._read():
            return False
        for number, line in list(lines.items()):
            if line.link in writable:
                self._deliver(number, line)
            if line.link in readable and number in lines:
                self._collect(number, line)
        for listener in [door for door in listeners if door in readable]:
            self._accept(listener)
        return True

    def _read(self) -> bool:
        try:
            data = os.read(IN, READ)
        except BlockingIOError:
            return True
        for event in self._mux.feed(data):
            match event:
                case mux.Data(channel, words) if channel in self._lines:
                    self._lines[channel].unsent += words
                    self._deliver(channel, self._lines[channel])
                case mux.Closed(channel) if channel in self._lines:
                    self._lines[channel].over = True
                    self._deliver(channel, self._lines[channel])
                case mux.Freeze(frozen):
                    _freeze(frozen=frozen)
        return bool(data)

    def _write(self) -> None:
        self._unsent = self._unsent or self._mux.take()
        try:
            self._unsent = self._unsent[os.write(OUT, self._unsent) :]
        except BlockingIOError:
            return

    def _accept(self, listener: socket.socket) -> None:
        try:
            link, _ = listener.accept()
        except OSError:  # it has gone, or there is no descriptor left: the next one may fare better
            return
        door = self._doors[listener]
        self._lines[self._mux.open(door)] = _Line(link)
        if door == CONTROL:  # the first was the guest; nobody else has business there
            listener.close()
            os.unlink(os.path.join(self._folder, CONTROL))
            del self._doors[listener]

    def _deliver(self, number: int, line: _Line) -> None:
        """Give a connection what it takes of what came for it."""
        try:
            sent = line.link.send(line.unsent) if line.unsent else 0
        except BlockingIOError:
            return
        except OSError:
            self._drop(number, line)
            return
        del line.unsent[:sent]
        if line.unsent:
            return
        self._mux.passed_on(number)
        if line.over:
            self._drop(number, line)

    def _collect(self, number: int, line: _Line) -> None:
        """Take from a connection what the house has room for."""
        try:
            data = line.link.recv(self._mux.room(number) or 1)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(number, line)
        elif self._mux.room(number):
            self._mux.send(number, data)

    def _drop(self, number: int, line: _Line) -> None:
        line.link.close()
        del self._lines[number]
        self._mux.close(number)


def _listen(folder: str, door: str) -> socket.socket:
    """Make a socket; under its own name only once it listens, as somebody may be waiting for that."""
    listener = socket.socket(socket.AF_UNIX)
    new = os.path.join(folder, f".{door}")
    listener.bind(new)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    os.rename(new, os.path.join(folder, door))
    return listener


def _freeze(*, frozen: bool) -> None:
    """Stop every process of the box but the first and this one, or let them go on."""
    if (
        os.getppid() != 0
    ):  # as the kernel says it of one whose parent is outside its process namespace
        raise mux.MuxError("there are more processes to be seen here than those of a box")
    try:
        os.kill(-1, signal.SIGSTOP if frozen else signal.SIGCONT)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
