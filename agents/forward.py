"""Loopback ports that lead to Unix sockets, for programs that know TCP alone; one thread serves them all."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Mapping
from typing import Final

__all__ = ["Forward"]

HOST: Final = "127.0.0.1"
BACKLOG: Final = 16
PAIRS: Final = 32
"""Connections at once; one more is closed as soon as it comes."""
CHUNK: Final = 64 << 10
"""Bytes read at once, and all that is held for an end that does not take them."""


class _End:
    """One end of a connection, and what it still has to be sent."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.other = self
        self.out = b""
        self.spent = False
        """It sends no more."""

    def events(self) -> int:
        """What to wait for: room to write, and bytes to read where the other end can take them."""
        wanted = selectors.EVENT_WRITE if self.out else 0
        return wanted | (0 if self.spent or self.other.out else selectors.EVENT_READ)

    def read(self) -> None:
        data = self.link.recv(CHUNK)
        self.other.out = data
        self.spent = not data
        if self.spent:
            self.other.link.shutdown(socket.SHUT_WR)

    def write(self) -> None:
        self.out = self.out[self.link.send(self.out) :]


class Forward:
    """Listens on 127.0.0.1 and joins each connection to a Unix socket. ``ports`` maps numbers to paths.

    Raises OSError if a port cannot be had; none is then left open.
    """

    def __init__(self, ports: Mapping[int, str]) -> None:
        self._selector = selectors.DefaultSelector()
        self._pairs = 0
        listeners: list[socket.socket] = []
        try:
            for port, path in ports.items():
                listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                listeners.append(listener)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.setblocking(False)
                listener.bind((HOST, port))
                listener.listen(BACKLOG)
                self._selector.register(listener, selectors.EVENT_READ, path)
        except OSError:
            for listener in listeners:
                listener.close()
            self._selector.close()
            raise

    def start(self) -> None:
        """Serve in a thread of its own, as long as this process lives."""
        threading.Thread(target=self._serve, name="forward", daemon=True).start()

    def _serve(self) -> None:
        while True:
            for key, ready in self._selector.select():
                if isinstance(key.data, str):
                    self._join(key.fileobj, key.data)
                else:
                    self._pass(key.data, ready)

    def _join(self, listener: object, path: str) -> None:
        assert isinstance(listener, socket.socket)
        try:
            near, _ = listener.accept()
        except OSError:
            return  # it has gone again, or no descriptor is free
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        near.setblocking(False)
        far.setblocking(False)
        try:
            if self._pairs >= PAIRS:
                raise BlockingIOError  # as if the queue at the socket were full
            far.connect(path)
        except OSError:
            near.close()
            far.close()
            return
        self._pairs += 1
        ends = _End(near), _End(far)
        for end, other in (ends, ends[::-1]):
            end.other = other
            self._selector.register(end.link, selectors.EVENT_READ, end)

    def _pass(self, end: _End, ready: int) -> None:
        if end.link.fileno() < 0:
            return  # closed with its other end, in this same round
        try:
            if ready & selectors.EVENT_READ and end.events() & selectors.EVENT_READ:
                end.read()
            if ready & selectors.EVENT_WRITE and end.out:
                end.write()
        except BlockingIOError:
            return
        except OSError:
            self._part(end)
            return
        if end.spent and end.other.spent and not end.out and not end.other.out:
            self._part(end)
            return
        for one in (end, end.other):
            self._wait(one)

    def _wait(self, end: _End) -> None:
        """Wait for what this end needs now; a selector takes no end that needs nothing."""
        wanted = end.events()
        known = self._selector.get_map().get(end.link)
        if known is None and wanted:
            self._selector.register(end.link, wanted, end)
        elif known is not None and not wanted:
            self._selector.unregister(end.link)
        elif known is not None and known.events != wanted:
            self._selector.modify(end.link, wanted, end)

    def _part(self, end: _End) -> None:
        self._pairs -= 1
        for one in (end, end.other):
            if one.link in self._selector.get_map():
                self._selector.unregister(one.link)
            one.link.close()
